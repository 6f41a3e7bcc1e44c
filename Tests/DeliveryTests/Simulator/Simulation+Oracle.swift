import Delivery

extension Simulation {
  /// Compares what is left when everything is quiet with what a sequential run would have left.
  func check() throws {
    for (slot, size) in sourceSizes.enumerated() {
      var end = 0
      for cut in cuts[slot] {
        if cut.lowerBound != end { throw Failure("source", "a gap or an overlap before \(cut)") }
        end = cut.upperBound
      }
      if end != size { throw Failure("source", "read \(end) of \(size) records") }
    }
    let reference = Reference(shape: shape, fates: fates, cuts: cuts, stored: custodies.map(\.history))
    for (slot, id) in slots.enumerated() {
      switch shape.role(of: id) {
      case .source:
        let position = sources[slot].position
        if Int(position.low) != cuts[slot].count + 1 {
          throw Failure("position", "slot \(slot) ended at \(position.low)")
        }
        try checkTally(position.tally, reference.counts[slot])
      case .step: break
      case .custody:
        try checkCustody(slot, reference.streams[slot])
        try checkTally(custodies[slot].position?.tally ?? Tally(), reference.counts[slot])
      case .deadLetters: try checkLetters(reference.letters)
      case .sink: try checkLog(slot, reference.streams[slot])
      }
    }
    for case let worker? in live where worker.isAlive { try checkLeftovers(worker) }
  }

  private func checkTally(_ tally: Tally, _ expected: [StageCount]) throws {
    for count in expected where tally.count(of: count.stage) != count {
      throw Failure("tally", "counted \(tally.count(of: count.stage)), not \(count)")
    }
  }

  /// What was committed must be all that was sent, each stream in order; and what went out must be what that
  /// leads to, the totals at the end included.
  private func checkCustody(_ slot: Int, _ expected: [[[UInt64]]]) throws {
    let store = custodies[slot]
    var last = Array(repeating: 0, count: expected.count)
    var counter = Counter(state: [:])
    var output: [CustodyStore.Outgoing] = []
    let merges =
      shape.topology.stages[Int(slots[slot].stage)].merges
      && shape.mergeInputs[slot].allSatisfy { shape.role(of: $0.origin) == .source }
    var previous: (sequence: UInt64, input: Int) = (0, 0)
    for applied in store.log {
      if merges && (applied.sequence, applied.input) < previous {
        throw Failure("order", "\(name(slots[slot])) merged \(applied.sequence) after \(previous)")
      }
      previous = (applied.sequence, applied.input)
      if Int(applied.sequence) != last[applied.input] + 1 { throw Failure("order", "\(name(slots[slot]))") }
      last[applied.input] += 1
      let stream = expected[applied.input]
      if last[applied.input] > stream.count || applied.records != stream[last[applied.input] - 1] {
        throw Failure("records", "\(name(slots[slot])) took the wrong ones")
      }
      output += counter.apply(
        applied.records.filter { !isRefused($0, at: slots[slot].stage) }, sequence: applied.sequence,
        letters: letters(of: applied.records, at: slots[slot].stage))
    }
    if last != expected.map(\.count) { throw Failure("lost", "\(name(slots[slot])) took \(last)") }
    output += counter.flush()
    if store.history != output {
      throw Failure(
        "custody", "\(name(slots[slot])) stored \(store.history.count) of \(output.count) batches")
    }
    if !store.outgoing.isEmpty { throw Failure("custody", "\(store.outgoing.count) batches are left") }
  }

  private func isRefused(_ record: UInt64, at stage: UInt16) -> Bool {
    fates.isPoison(record, at: stage) || fates.isRefused(record, at: stage)
  }

  /// The letters that a stage with custody must have made of a batch.
  private func letters(of records: [UInt64], at stage: UInt16) -> [CustodyStore.Refused] {
    if shape.topology.letterStage(of: stage) == nil { return [] }
    return records.enumerated().filter { isRefused($0.element, at: stage) }
      .map { .init(index: UInt32($0.offset), record: $0.element) }
  }

  private func checkLetters(_ expected: [LetterKey: UInt64]) throws {
    if letters.rows == expected && (letters.doubled == 0 || wrong != .lettersAppended) { return }
    let missing = expected.keys.count { letters.rows[$0] == nil }
    let innocent = letters.rows.keys.count { expected[$0] == nil }
    throw Failure(
      missing > 0 ? "letters lost" : innocent > 0 ? "innocent" : "letters doubled",
      "\(letters.rows.count) letters of \(expected.count), \(missing) missing, \(innocent) too many")
  }

  private func checkLog(_ slot: Int, _ expected: [[[UInt64]]]) throws {
    let store = sinks[slot]
    let name = "\(shape.stageNames[Int(slots[slot].stage)]).\(slots[slot].index)"
    if store.committedLength != store.data.count {
      throw Failure("log", "\(name) holds what it did not commit")
    }
    var last: [UInt64] = Array(repeating: 0, count: expected.count)
    let merges =
      shape.topology.stages[Int(slots[slot].stage)].merges
      && shape.mergeInputs[slot].allSatisfy { shape.role(of: $0.origin) == .source }
    var previous: (sequence: UInt64, input: Int) = (0, 0)
    for written in store.data {
      let place = "\(name) wrote sequence \(written.sequence) of stream \(written.input)"
      if written.sequence <= last[written.input] { throw Failure("doubled", place) }
      if written.sequence != last[written.input] + 1 {
        throw Failure("lost", "\(place) after \(last[written.input])")
      }
      last[written.input] = written.sequence
      if merges && (written.sequence, written.input) < previous {
        throw Failure("order", "\(place) after \(previous)")
      }
      previous = (written.sequence, written.input)
      let stream = expected[written.input]
      if written.sequence > stream.count { throw Failure("doubled", "\(place), which was never cut") }
      if written.records != stream[Int(written.sequence) - 1] { throw Failure("records", place) }
    }
    for (input, stream) in expected.enumerated() where last[input] != stream.count {
      throw Failure("lost", "\(name) has \(last[input]) of \(stream.count) batches of stream \(input)")
    }
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
    let keeper = shape.topology.letterStage(of: worker.stage)
    for next in shape.topology.stages[Int(worker.stage)].downstream + (keeper.map { [$0] } ?? []) {
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
