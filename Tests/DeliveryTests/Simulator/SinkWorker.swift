import Delivery

/// A file and the record of what is committed: all that a sink finds again after its death.
struct SinkStore {
  struct Written: Hashable {
    /// The stream's position in merge order.
    var input: Int
    var sequence: UInt64
    var records: [UInt64]
  }

  var data: [Written] = []
  var committedLength = 0
  var position: SinkStateMachine.Position?
  /// The newest incarnation that opened it.
  var owner = Owner(life: 0, epoch: 0)

  struct Owner: Hashable {
    /// How often everything was started anew.
    var life: Int
    var epoch: UInt32
  }
}

/// Writes batches one by one and commits them in groups; each is a step, and so is answering.
final class SinkWorker: Worker {
  private(set) var machine: SinkStateMachine
  /// The group is durable and its senders are not yet told.
  private var owesAnswers = false
  /// The other way round, which is wrong.
  private var owesCommit: SinkStateMachine.Position?
  private var attempt: Attempt?
  /// The dense sequences of the last group that was answered, per input.
  private var answered: [UInt64]
  /// What arrived and was not written, for the wrong rule that writes in this order.
  private var arrivals: [(id: BatchID, records: [UInt64])] = []
  /// Letters that go out after the commit, for the wrong rule that does so.
  private var lateLetters: [Content] = []
  private let owner: SinkStore.Owner

  override init(incarnation: Incarnation, number: Int, simulation: Simulation) {
    let slot = simulation.index(of: incarnation.slot)
    if simulation.wrong != .truncateNo {
      let length = simulation.sinks[slot].committedLength
      simulation.sinks[slot].data.removeLast(simulation.sinks[slot].data.count - length)
    }
    owner = SinkStore.Owner(life: simulation.life, epoch: incarnation.epoch)
    simulation.sinks[slot].owner = owner
    machine = SinkStateMachine(
      slot: incarnation.slot, topology: simulation.shape.topology,
      resumingAt: simulation.sinks[slot].position, window: simulation.parameters.window,
      credit: simulation.parameters.credit)
    answered = machine.position.dense
    super.init(incarnation: incarnation, number: number, simulation: simulation)
  }

  override var hasWork: Bool {
    owesAnswers || owesCommit != nil || machine.nextToApply != nil || machine.shouldCommit
      || machine.isFinished && !hasReported
  }
  override var entryCount: Int { machine.bufferedCount }
  override var unclaimedAllowance: Int { machine.uncommittedCount }
  override var status: String {
    "buffered \(machine.bufferedCount) uncommitted \(machine.uncommittedCount) "
      + "applied \(machine.position.dense) next here \(machine.nextToApply != nil) may commit \(machine.mayCommit)"
  }

  override func work() throws {
    if owesAnswers {
      owesAnswers = false
      try sendLateLetters()
      try tell(.committed)
    } else if let position = owesCommit {
      owesCommit = nil
      commit(position)
    } else if machine.shouldCommit || machine.mayCommit && simulation.random.chance(1_500) {
      if simulation.wrong == .commitAfterDone {
        owesCommit = machine.position
        try tell(.committed)
      } else {
        commit(machine.position)
        owesAnswers = isAlive
      }
    } else if let (id, content) = machine.nextToApply {
      try apply(id, simulation.contents.parcel(of: content, owner: number))
    } else if machine.isFinished && !hasReported {
      hasReported = true
      simulation.report(.finished, from: self)
    }
  }

  private func apply(_ id: BatchID, _ parcel: Parcel) throws {
    if attempt?.id != id {
      attempt = Attempt(id, suspect: simulation.suspect(id, stage: stage, for: self))
    }
    if attempt!.advance(over: parcel.records, by: self) != .survived { return }
    var (kept, letters) = attempt!.divide(parcel.records, at: stage, fates: simulation.fates)
    if simulation.wrong == .mergeArrival, !arrivals.isEmpty {
      kept = attempt!.divide(arrivals.removeFirst().records, at: stage, fates: simulation.fates).kept
    }
    attempt = nil
    marker = nil
    if isFenced(.write) { return }
    let input = machine.inputs.firstIndex { $0.origin == id.origin && $0.branch == id.branch }!
    simulation.sinks[slotNumber].data.append(.init(input: input, sequence: id.sequence, records: kept))
    var content: Content?
    if !letters.isEmpty && simulation.shape.topology.letterStage(of: stage) != nil {
      let letters = Parcel(
        id: id, records: letters.map(\.record), indices: letters.map(\.index), lowWater: parcel.lowWater)
      content = simulation.contents.add(letters, owner: number)
      if simulation.wrong == .lettersLate { lateLetters.append(content!) }
    }
    try tell(
      .applied(id, dead: letters.count, letters: simulation.wrong == .lettersLate ? nil : content))
  }

  private func sendLateLetters() throws {
    for content in lateLetters {
      let parcel = try simulation.contents.parcel(of: content, owner: number)
      let keeper = simulation.slots.firstIndex { simulation.shape.role(of: $0) == .deadLetters }!
      if let worker = simulation.live[keeper] {
        simulation.send(.data(parcel, from: incarnation), from: self, to: worker.incarnation)
      }
      try simulation.contents.release(content, owner: number)
    }
    lateLetters = []
  }

  private func commit(_ position: SinkStateMachine.Position) {
    if isFenced(.commit) { return }
    simulation.sinks[slotNumber].committedLength = simulation.sinks[slotNumber].data.count
    simulation.sinks[slotNumber].position = position
  }

  private enum Moment { case write, commit }

  /// Whether somebody else has the store by now, which ends this worker.
  private func isFenced(_ moment: Moment) -> Bool {
    if simulation.sinks[slotNumber].owner == owner || simulation.wrong == .fenceNone { return false }
    if simulation.wrong == .fenceAtCommit && moment == .write { return false }
    isAlive = false
    simulation.note("\(simulation.name(incarnation)) is fenced off")
    return true
  }

  override func feed(_ input: Input) throws -> [DeliveryAction] {
    switch input {
    case .peerUp(let peer): return machine.peerCameUp(peer)
    case .peerDown(let peer): return machine.peerWentDown(peer)
    case .data(let id, let content, let records, let lowWater, let sender):
      let before = machine.bufferedCount
      let parcel = try simulation.contents.parcel(of: content, owner: number)
      let actions = try machine.batchArrived(
        id, content: content, records: UInt64(records), lowWater: lowWater, from: sender)
      if machine.bufferedCount > before, simulation.wrong == .mergeArrival,
        !arrivals.contains(where: { $0.id == id })
      {
        arrivals.append((id, parcel.records))
      }
      return actions
    case .taken(let id, let sender): return try machine.takenArrived(id, from: sender)
    case .done(let id, _, _): machine.doneArrived(id)
    case .originEnded(let origin, let last): machine.originEnded(origin, last: last)
    case .flush: machine.flushOrdered()
    case .applied(let id, let dead, let letters):
      return machine.batchApplied(id, dead: UInt64(dead), letters: letters)
    case .committed:
      answered = machine.position.dense
      return machine.groupCommitted()
    default: throw Failure("harness", "a sink cannot be told \(input)")
    }
    return []
  }

  override func checkBounds() throws {
    let window = Int(simulation.parameters.window)
    for (index, input) in machine.inputs.enumerated() {
      let count = books.claimedCount(of: input, above: answered[index])
      if count > window {
        throw Failure("reorder", "\(simulation.name(incarnation)) buffers \(count) batches of one stream")
      }
    }
  }
}
