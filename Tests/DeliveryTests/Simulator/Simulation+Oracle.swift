import Delivery

extension Simulation {
  /// Compares what is left when everything is quiet with what a sequential run would have left.
  func check() throws {
    for (stage, size) in sourceSizes.enumerated() {
      var end = 0
      for cut in cuts[stage] {
        if cut.lowerBound != end { throw Failure("source", "a gap or an overlap before \(cut)") }
        end = cut.upperBound
      }
      if end != size { throw Failure("source", "read \(end) of \(size) records") }
    }
    let reference = Reference(topology: shape.topology, cuts: cuts)
    for (stage, definition) in shape.topology.stages.enumerated() {
      switch definition.role {
      case .source: try checkTally(origin: stage, reference.counts[stage])
      case .step, .custody, .deadLetters: break
      case .sink: try checkLog(stage, reference.logs[stage])
      }
    }
    for case let worker? in live where worker.isAlive { try checkLeftovers(worker) }
  }

  private func checkTally(
    origin: Int, _ expected: [(recordsIn: UInt64, recordsOut: UInt64)]
  ) throws {
    let position = sources[origin].position
    if Int(position.low) != cuts[origin].count + 1 {
      throw Failure("position", "\(shape.stageNames[origin]) ended at \(position.low)")
    }
    for (stage, counts) in expected.enumerated() {
      let count = position.tally.count(of: UInt16(stage))
      if count.recordsIn != counts.recordsIn || count.recordsOut != counts.recordsOut {
        throw Failure("tally", "\(shape.stageNames[stage]) counted \(count), not \(counts)")
      }
    }
  }

  private func checkLog(_ stage: Int, _ expected: [UInt64]) throws {
    let store = sinks[stage]
    let name = shape.stageNames[stage]
    if store.committedLength != store.data.count {
      throw Failure("log", "\(name) holds what it did not commit")
    }
    if store.data == expected { return }
    let kind =
      store.data.count < expected.count ? "lost" : store.data.count > expected.count ? "doubled" : "order"
    let at = zip(store.data, expected).prefix { $0 == $1 }.count
    throw Failure(
      kind, "\(name) has \(store.data.count) of \(expected.count) records, the first wrong at \(at)")
  }

  private func checkLeftovers(_ worker: Worker) throws {
    let name = name(worker.incarnation)
    if worker.entryCount > 0 {
      throw Failure("leftover", "\(name) still holds \(worker.entryCount) batches, \(state)")
    }
    let held = contents.heldCount(owner: worker.number)
    if held > 0 { throw Failure("leak", "\(name) never released \(held) contents") }
    for (peer, count) in worker.books.outstanding where count != 0 {
      let other = live[index(of: peer.slot)]
      if let other, other.isAlive, other.incarnation == peer {
        throw Failure("credit", "\(count) messages of \(name) to \(self.name(peer)) were not taken")
      }
    }
    try probeOutbox(worker)
  }

  /// An outbox shows what it still holds when new workers come up below.
  private func probeOutbox(_ worker: Worker) throws {
    for next in shape.topology.stages[Int(worker.stage)].downstream {
      var actions: [DeliveryAction] = []
      for slot in slots where slot.stage == next {
        actions += try worker.feed(.peerDown(Incarnation(slot: slot, epoch: .max - 1)))
        actions += try worker.feed(.peerUp(Incarnation(slot: slot, epoch: .max)))
      }
      for case .send(_, let id, _) in actions {
        throw Failure("leftover", "the outbox of \(name(worker.incarnation)) still holds \(id)")
      }
    }
  }
}
