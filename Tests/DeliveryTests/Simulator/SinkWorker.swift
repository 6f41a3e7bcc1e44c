import Delivery

/// A file and the record of what is committed: all that a sink finds again after its death.
struct SinkStore {
  var data: [UInt64] = []
  var committedLength = 0
  var position: SinkStateMachine.Position?
}

/// Writes batches one by one and commits them in groups; each is a step, and so is answering.
final class SinkWorker: Worker {
  private(set) var machine: SinkStateMachine
  /// The group is durable and its senders are not yet told.
  private var owesAnswers = false
  /// The other way round, which is wrong.
  private var owesCommit: SinkStateMachine.Position?
  /// The dense sequences of the last group that was answered, per input.
  private var answered: [UInt64]
  /// What arrived and was not written, for the wrong rule that writes in this order.
  private var arrivals: [(id: BatchID, records: [UInt64])] = []

  override init(incarnation: Incarnation, number: Int, simulation: Simulation) {
    let stage = Int(incarnation.slot.stage)
    if simulation.wrong != .truncateNo {
      let length = simulation.sinks[stage].committedLength
      simulation.sinks[stage].data.removeLast(simulation.sinks[stage].data.count - length)
    }
    machine = SinkStateMachine(
      slot: incarnation.slot, topology: simulation.shape.topology,
      resumingAt: simulation.sinks[stage].position, window: simulation.parameters.window)
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
      + "applied \(machine.position.dense) next here \(machine.nextToApply != nil)"
  }

  override func work() throws {
    if owesAnswers {
      owesAnswers = false
      try tell(.committed)
    } else if let position = owesCommit {
      owesCommit = nil
      commit(position)
    } else if machine.shouldCommit || machine.uncommittedCount > 0 && simulation.random.chance(1_500) {
      if simulation.wrong == .commitAfterDone {
        owesCommit = machine.position
        try tell(.committed)
      } else {
        commit(machine.position)
        owesAnswers = true
      }
    } else if let (id, content) = machine.nextToApply {
      var records = try simulation.contents.parcel(of: content, owner: number).records
      if simulation.wrong == .mergeArrival, !arrivals.isEmpty { records = arrivals.removeFirst().records }
      simulation.sinks[Int(stage)].data += records
      try tell(.applied(id))
    } else if machine.isFinished && !hasReported {
      hasReported = true
      simulation.report(.finished, from: self)
    }
  }

  private func commit(_ position: SinkStateMachine.Position) {
    simulation.sinks[Int(stage)].committedLength = simulation.sinks[Int(stage)].data.count
    simulation.sinks[Int(stage)].position = position
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
    case .originEnded(let origin, let last): machine.originEnded(origin, last: last)
    case .flush: machine.flushOrdered()
    case .applied(let id): return machine.batchApplied(id)
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
