import Coordination
import Delivery

extension SupervisorStateMachine {
  /// A stage's workers that are replaced one after the other.
  struct Replacement: Sendable {
    var waiting: [Int] = []
    /// The one that is being replaced, and the life that is to end.
    var current: Int?
    var oldEpoch: UInt32 = 0
    /// The one that works in its stead meanwhile.
    var standIn: Int?
  }

  /// Asks for a worker to be replaced without a gap, for a reason that the log tells.
  package mutating func replacementDue(
    _ worker: Incarnation, reason: String, now: UInt64
  ) -> [SupervisorAction] {
    let index = index(of: worker.slot)
    guard slots[index].incarnation == worker, case .running = slots[index].state else { return [] }
    var actions: [SupervisorAction] = []
    requestReplacement(index, reason: reason, now: now, &actions)
    return actions
  }

  mutating func requestReplacement(
    _ index: Int, reason: String?, now: UInt64, _ actions: inout [SupervisorAction]
  ) {
    let stage = Int(slots[index].id.stage)
    guard phase == .running, slots[index].duty == .regular, mayBeReplaced(index) else { return }
    var work = replacements[stage] ?? Replacement()
    if work.current == index || work.waiting.contains(index) { return }
    work.waiting.append(index)
    replacements[stage] = work
    if let reason { actions.append(.note(slots[index].id, "is being replaced: \(reason)")) }
    replace(inStage: stage, now: now, &actions)
  }

  /// Whether a worker that is at work may be asked to leave and come back.
  func mayBeReplaced(_ index: Int) -> Bool {
    isNeeded(index) && slots[index].departure == nil && stages[Int(slots[index].id.stage)].canBeReplaced
  }

  /// Goes on with a stage's replacements as far as it can without waiting.
  ///
  /// Where any worker may have any batch, one that stands in is ready before the first of them retires, and
  /// leaves when the last is ready again: the stage never has less than it had. Elsewhere the slot's state
  /// has one owner at a time, so the old worker leaves first.
  mutating func replace(inStage stage: Int, now: UInt64, _ actions: inout [SupervisorAction]) {
    guard var work = replacements[stage] else { return }
    defer { replacements[stage] = work.current == nil && work.waiting.isEmpty ? nil : work }
    if phase != .running || stageIsOver[stage] {
      work.waiting = []
      work.current = nil
      return
    }
    while true {
      if let current = work.current {
        let hasReturned = slots[current].epoch > work.oldEpoch && slots[current].state == .running
        let isGone = !isNeeded(current) || slots[current].state == .parked
        guard hasReturned || isGone else { return }
        work.current = nil
      }
      guard !work.waiting.isEmpty else { break }
      guard awaitStandIn(&work, stage: stage, now: now, &actions) else { return }
      let next = work.waiting.removeFirst()
      // One that is dead or starting is replaced already.
      guard slots[next].state == .running else { continue }
      work.current = next
      work.oldEpoch = slots[next].epoch
      leave(next, .again(at: now), gently: isBalanced(stage), now: now, &actions)
    }
    if let standIn = work.standIn { dismiss(standIn, now: now, &actions) }
    work.standIn = nil
  }

  /// True when the stand-in is at work, or there is none to wait for.
  private mutating func awaitStandIn(
    _ work: inout Replacement, stage: Int, now: UInt64, _ actions: inout [SupervisorAction]
  ) -> Bool {
    if let standIn = work.standIn {
      switch slots[standIn].state {
      case .running: return true
      case .starting, .backoff, .aborting, .killed: return false
      case .retiring, .stopping, .parked, .over:
        work.standIn = nil
        return true
      }
    }
    guard isBalanced(stage), work.waiting.contains(where: { slots[$0].state == .running }),
      let spare = spareSlot(of: stage)
    else { return true }
    work.standIn = spare
    engage(spare, .standIn, now: now, &actions)
    return false
  }

  func isBalanced(_ stage: Int) -> Bool {
    topology.stages[stage].role == .step && topology.stages[stage].input == .balanced
  }

  /// The lowest slot of a stage that is there for nothing.
  func spareSlot(of stage: Int) -> Int? {
    slots.indices.first {
      Int(slots[$0].id.stage) == stage && slots[$0].duty == .none && !slots[$0].isAlive
    }
  }

  mutating func engage(_ index: Int, _ duty: Duty, now: UInt64, _ actions: inout [SupervisorAction]) {
    slots[index].duty = duty
    slots[index].history = RestartHistory()
    start(index, now: now, &actions)
  }

  /// Gives a slot nothing more to do.
  mutating func dismiss(_ index: Int, now: UInt64, _ actions: inout [SupervisorAction]) {
    slots[index].duty = .none
    switch slots[index].state {
    case .running: leave(index, .forGood, gently: true, now: now, &actions)
    case .starting: kill(index, .request, &actions)
    case .backoff, .parked: slots[index].state = .over
    case .retiring, .stopping, .aborting, .killed, .over: slots[index].departure = .forGood
    }
  }

  /// Asks a worker that is at work to leave: gently, when it has finished what it has and gets nothing new; or
  /// at once, and what it has is done again.
  mutating func leave(
    _ index: Int, _ departure: Departure, gently: Bool, now: UInt64, _ actions: inout [SupervisorAction]
  ) {
    let worker = slots[index].incarnation
    slots[index].departure = departure
    guard gently else {
      slots[index].state = .stopping(deadline: now + limits.stopWithin)
      actions.append(.send(.stop, to: worker))
      return
    }
    slots[index].state = .retiring(deadline: now + limits.retireWithin)
    for neighbour in neighbours(of: index)
    where slots[neighbour].isAnnounced && isUpstream(of: index, neighbour) {
      actions.append(.send(.peerRetires(worker), to: slots[neighbour].incarnation))
    }
    actions.append(.send(.retire, to: worker))
  }
}
