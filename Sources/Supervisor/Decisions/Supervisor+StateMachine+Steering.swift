import Coordination
import Delivery

/// Why something that an operator asked for is not done, and what would be right.
package struct Refusal: Error, Hashable, CustomStringConvertible {
  package var description: String

  init(_ description: String) { self.description = description }
}

extension SupervisorStateMachine {
  /// The user asked to stop: drains at first, the second time ends everything at once.
  ///
  /// `drainWithin`: nanoseconds after which a drain becomes an end at once; nil: as long as it takes.
  package mutating func stopRequested(
    signal: Int32, drainWithin: UInt64? = nil, now: UInt64
  ) -> [SupervisorAction] {
    switch phase {
    case .running:
      phase = .draining
      isPaused = false
      if let drainWithin { drainDeadline = now + drainWithin }
      for stage in replacements.indices {
        // A stand-in that works now is one more hand for what is left.
        replacements[stage] = nil
      }
      // Who waits for its restart has work to finish: nobody waits longer for that than must be.
      for index in slots.indices where isNeeded(index) {
        if case .backoff = slots[index].state { slots[index].state = .backoff(until: now) }
      }
      var actions: [SupervisorAction] = slots.filter {
        $0.isAnnounced && role($0.id) == .source && !$0.hasReported && $0.departure == nil
      }.map { .send(.drain, to: $0.incarnation) }
      if drainIsEmpty { cascade(now: now, &actions) }
      return actions
    case .draining, .ending: return end(.forced(signal: signal))
    case .finished: return []
    }
  }

  /// Whether there is no source that could answer the order to drain.
  private var drainIsEmpty: Bool {
    !slots.indices.contains {
      role(slots[$0].id) == .source && isNeeded($0) && slots[$0].state != .parked
    }
  }

  /// Ends everything at once.
  package mutating func endRequested(signal: Int32) -> [SupervisorAction] { end(.forced(signal: signal)) }

  /// Sources stop reading; what is in flight is finished.
  package mutating func pauseRequested() throws(Refusal) -> [SupervisorAction] {
    try checkSteerable("be paused")
    if isPaused { throw Refusal("it is paused already; 'procession resume' lets it go on") }
    isPaused = true
    return announcedSources.map { .send(.pause, to: $0) }
  }

  package mutating func resumeRequested() throws(Refusal) -> [SupervisorAction] {
    try checkSteerable("be resumed")
    if !isPaused { throw Refusal("it is not paused") }
    isPaused = false
    return announcedSources.map { .send(.resume, to: $0) }
  }

  private var announcedSources: [Incarnation] {
    slots.filter { $0.isAnnounced && role($0.id) == .source && !$0.hasReported }.map(\.incarnation)
  }

  /// How many workers a stage has, and how many it can have.
  package func workers(ofStage stage: Int) -> (wanted: Int, most: Int) {
    let wanted = slots.count { Int($0.id.stage) == stage && $0.duty == .regular }
    return (wanted, isScalable(stage) ? topology.stages[stage].capacity - 1 : wanted)
  }

  private func isScalable(_ stage: Int) -> Bool {
    isBalanced(stage) && topology.stages[stage].capacity > topology.stages[stage].slots
  }

  /// Changes how many workers a stage of steps has.
  package mutating func scaleRequested(
    stage: Int, workers: Int, now: UInt64
  ) throws(Refusal) -> [SupervisorAction] {
    try checkSteerable("be scaled")
    let name = stages[stage].name
    guard isScalable(stage) else {
      let reason =
        switch topology.stages[stage].role {
        case .step: "each of its workers has the keys that are its own"
        case .custody: "it keeps state, which is divided between the workers that it began with"
        case .source, .sink, .deadLetters: "only stages with 'steps' share work freely"
        }
      throw Refusal("stage \(name) can't be scaled while it runs: \(reason); change 'workers' in the file")
    }
    if stageIsOver[stage] { throw Refusal("stage \(name) is over") }
    let most = self.workers(ofStage: stage).most
    guard (1...most).contains(workers) else {
      throw Refusal("stage \(name) can have 1 to \(most) workers, and not \(workers)")
    }
    var actions: [SupervisorAction] = []
    let regular = slots.indices.filter { Int(slots[$0].id.stage) == stage && slots[$0].duty == .regular }
    if workers > regular.count {
      for _ in regular.count..<workers {
        guard let spare = spareSlot(of: stage) else { break }
        engage(spare, .regular, now: now, &actions)
      }
    } else {
      for index in regular.suffix(regular.count - workers) {
        replacements[stage]?.waiting.removeAll { $0 == index }
        dismiss(index, now: now, &actions)
      }
      replace(inStage: stage, now: now, &actions)
    }
    return actions
  }

  /// Replaces a stage's workers one after the other, or one of them. A parked one, and one that waits for its
  /// restart, is started at once.
  package mutating func restartRequested(
    stage: Int, slot: Int?, now: UInt64
  ) throws(Refusal) -> [SupervisorAction] {
    try checkSteerable("be restarted")
    let name = stages[stage].name
    let members = slots.indices.filter {
      Int(slots[$0].id.stage) == stage && slots[$0].duty == .regular
        && (slot == nil || Int(slots[$0].id.index) == slot!)
    }
    if let slot, members.isEmpty {
      throw Refusal("stage \(name) has no worker \(slot); it has \(self.workers(ofStage: stage).wanted)")
    }
    if !stages[stage].canBeReplaced {
      throw Refusal("stage \(name) can't be restarted: its input can be read only once")
    }
    let needed = members.filter(isNeeded)
    if needed.isEmpty { throw Refusal("\(slot.map { "\(name).\($0)" } ?? "stage \(name)") is over") }
    var actions: [SupervisorAction] = []
    for index in needed {
      switch slots[index].state {
      case .parked, .backoff:
        slots[index].history = RestartHistory()
        start(index, now: now, &actions)
      case .running: requestReplacement(index, reason: nil, now: now, &actions)
      case .starting, .retiring, .stopping, .aborting, .killed, .over: break
      }
    }
    return actions
  }

  /// Whether a stage has all the workers that it is to have, at work, and none that is to leave.
  package func isSettled(stage: Int) -> Bool {
    if stageIsOver[stage] || phase != .running { return true }
    if replacements[stage] != nil { return false }
    return slots.indices.filter { Int(slots[$0].id.stage) == stage }.allSatisfy { index in
      if slots[index].duty == .none { return !slots[index].isAlive }
      return !isNeeded(index) || slots[index].state == .running || slots[index].state == .parked
    }
  }

  private func checkSteerable(_ what: String) throws(Refusal) {
    switch phase {
    case .running: return
    case .draining: throw Refusal("the run is draining and can't \(what) any more")
    case .ending, .finished: throw Refusal("the run is ending and can't \(what) any more")
    }
  }
}
