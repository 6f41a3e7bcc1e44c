import Delivery

/// A database: what a stage with custody finds again after its death.
struct CustodyStore {
  struct Applied {
    var input: Int
    var sequence: UInt64
    var records: [UInt64]
  }

  struct Refused: Equatable {
    var index: UInt32
    var record: UInt64
  }

  /// A numbered batch, with the letters of what was refused on the way to it.
  struct Outgoing: Equatable {
    var records: [UInt64]
    var letters: [Refused] = []
  }

  /// Records seen per key.
  var state: [UInt64: UInt64] = [:]
  var position: CustodyStateMachine.Position?
  /// Outgoing batches that are not known to be done.
  var outgoing: [UInt64: Outgoing] = [:]
  var owner = SinkStore.Owner(life: 0, epoch: 0)
  /// For the oracle: all that was ever committed, in order, and all that was ever stored.
  var log: [Applied] = []
  var history: [Outgoing] = []
}

/// Counts records by key: each one leads to one that says how many there were, and the end to the totals.
struct Counter {
  var state: [UInt64: UInt64]

  /// Nothing goes out for every third batch.
  mutating func apply(
    _ records: [UInt64], sequence: UInt64, letters: [CustodyStore.Refused]
  ) -> [CustodyStore.Outgoing] {
    let output = records.map { record in
      let key = record % 7
      state[key, default: 0] += 1
      return mixed(record &+ state[key]! << 8)
    }
    if output.isEmpty && letters.isEmpty && sequence % 3 == 0 { return [] }
    return [.init(records: output, letters: letters)]
  }

  func flush() -> [CustodyStore.Outgoing] {
    let keys = state.keys.sorted()
    return stride(from: 0, to: keys.count, by: 2).map { start in
      .init(records: keys[start..<min(start + 2, keys.count)].map { mixed($0 << 40 | state[$0]!) })
    }
  }
}

/// Applies batches in a transaction, commits, answers and releases, each in a step of its own.
final class CustodyWorker: Worker {
  private(set) var machine: CustodyStateMachine
  private var counter: Counter
  private let owner: SinkStore.Owner
  private var applied: [CustodyStore.Applied] = []
  private var outgoing: [(sequence: UInt64, batch: CustodyStore.Outgoing)] = []
  private var attempt: Attempt?
  private var owesAnswers = false
  /// What the store gets later than the world, for the wrong rule that does so, and the answers that wait.
  private var late: (position: CustodyStateMachine.Position, finished: [UInt64])?
  private var held: [DeliveryAction] = []
  /// The next number to leave, for the wrong rule that leaves none out.
  private var nextWithoutHoles: UInt64
  /// The numbers that the last input led to.
  private var numbers: Range<UInt64> = 0..<0

  override init(incarnation: Incarnation, number: Int, simulation: Simulation) {
    let slot = simulation.index(of: incarnation.slot)
    owner = SinkStore.Owner(life: simulation.life, epoch: incarnation.epoch)
    simulation.custodies[slot].owner = owner
    let store = simulation.custodies[slot]
    counter = Counter(state: store.state)
    var position = store.position
    if simulation.wrong == .numbersDerived { position?.next = (store.outgoing.keys.max() ?? 0) + 1 }
    nextWithoutHoles = store.outgoing.keys.min() ?? position?.next ?? 1
    machine = CustodyStateMachine(
      slot: incarnation.slot, topology: simulation.shape.topology, resumingAt: position,
      stored: store.outgoing.keys.sorted(), window: simulation.parameters.window,
      credit: simulation.parameters.credit)
    super.init(incarnation: incarnation, number: number, simulation: simulation)
  }

  override var hasWork: Bool {
    owesAnswers || late != nil || machine.nextToApply != nil || machine.shouldCommit || releasable != nil
      || machine.mayFlush || machine.isFinished && !hasReported
  }
  override var entryCount: Int { machine.bufferedCount }
  override var unclaimedAllowance: Int { machine.uncommittedCount }
  override var lowWater: UInt64? { machine.lowWater }
  override var status: String {
    "buffered \(machine.bufferedCount) uncommitted \(machine.uncommittedCount) low \(machine.lowWater) next "
      + "here \(machine.nextToApply != nil) release \(machine.nextToRelease.map { "\($0)" } ?? "-")"
  }

  override func work() throws {
    if owesAnswers {
      owesAnswers = false
      try tell(.committed)
    } else if let sequence = releasable, simulation.random.chance(5_000) || !hasOtherWork {
      try release(sequence)
    } else if let (position, finished) = late {
      late = nil
      if isFenced { return }
      try store(position, removing: finished)
      let answers = held
      held = []
      for answer in answers { try super.perform(answer) }
    } else if machine.shouldCommit || machine.uncommittedCount > 0 && simulation.random.chance(1_500) {
      try commit()
    } else if let (id, content) = machine.nextToApply {
      try apply(id, simulation.contents.parcel(of: content, owner: number).records)
    } else if machine.mayFlush {
      let batches = counter.flush()
      try tell(.flushed(outgoing: batches.count))
      for (sequence, batch) in zip(numbers, batches) { outgoing.append((sequence, batch)) }
    } else if machine.isFinished && !hasReported {
      hasReported = true
      simulation.report(.finished, from: self)
    }
  }

  private func apply(_ id: BatchID, _ records: [UInt64]) throws {
    if attempt?.id != id {
      attempt = Attempt(id, suspect: simulation.suspect(id, stage: stage, for: self))
    }
    if attempt!.advance(over: records, by: self) != .survived { return }
    let (kept, refused) = attempt!.divide(records, at: stage, fates: simulation.fates)
    attempt = nil
    marker = nil
    let input = machine.inputs.firstIndex { $0.origin == id.origin && $0.branch == id.branch }!
    applied.append(.init(input: input, sequence: id.sequence, records: records))
    let keepsLetters = simulation.shape.topology.letterStage(of: stage) != nil
    let letters =
      keepsLetters ? refused.map { CustodyStore.Refused(index: $0.index, record: $0.record) } : []
    let batches = counter.apply(kept, sequence: id.sequence, letters: letters)
    try tell(.absorbed(id, outgoing: batches.count, dead: refused.count))
    for (sequence, batch) in zip(numbers, batches) { outgoing.append((sequence, batch)) }
  }

  private var hasOtherWork: Bool {
    late != nil || machine.nextToApply != nil || machine.shouldCommit || machine.mayFlush
  }

  private var releasable: UInt64? {
    guard let sequence = machine.nextToRelease else { return nil }
    return simulation.wrong == .holesKept && sequence != nextWithoutHoles ? nil : sequence
  }

  private func release(_ sequence: UInt64) throws {
    nextWithoutHoles = sequence + 1
    let pending = outgoing.first { $0.sequence == sequence }?.batch
    guard let batch = simulation.custodies[slotNumber].outgoing[sequence] ?? pending else {
      if simulation.custodies[slotNumber].owner == owner {
        throw Failure("custody", "\(simulation.name(incarnation)) lost batch \(sequence) from its store")
      }
      isAlive = false
      return
    }
    let id = BatchID(origin: incarnation.slot, sequence: sequence, branch: .root)
    let count = StageCount(stage: stage, recordsIn: 0, recordsOut: UInt64(batch.records.count))
    let letters = batch.letters.map { (index: $0.index, record: $0.record) }
    try tell(
      .released(
        sequence, output(id, batch.records, letters: letters, lowWater: machine.lowWater), count))
  }

  /// Whether somebody else has the store by now, which ends this worker.
  private var isFenced: Bool {
    if simulation.custodies[slotNumber].owner == owner || simulation.wrong == .fenceNone { return false }
    simulation.note("\(simulation.name(incarnation)) is fenced off")
    isAlive = false
    return true
  }

  private func commit() throws {
    if isFenced { return }
    let (position, finished) = machine.commitStarts()
    if simulation.wrong == .releaseBefore {
      late = (position, finished)
      return try tell(.committed)
    }
    try store(position, removing: finished)
    owesAnswers = true
  }

  override func perform(_ action: DeliveryAction) throws {
    if late != nil, case .sendDone = action { held.append(action) } else { try super.perform(action) }
  }

  private func store(_ position: CustodyStateMachine.Position, removing finished: [UInt64]) throws {
    var stored = position
    if simulation.wrong == .flushUnmarked { stored.isFlushed = false }
    simulation.custodies[slotNumber].position = stored
    simulation.custodies[slotNumber].state = counter.state
    simulation.custodies[slotNumber].log += applied
    for (sequence, batch) in outgoing {
      simulation.custodies[slotNumber].outgoing[sequence] = batch
      try simulation.noteStored(batch, sequence: sequence, slot: slotNumber)
    }
    for sequence in finished { simulation.custodies[slotNumber].outgoing[sequence] = nil }
    applied = []
    outgoing = []
  }

  override func feed(_ input: Input) throws -> [DeliveryAction] {
    switch input {
    case .peerUp(let peer): return machine.peerCameUp(peer)
    case .peerDown(let peer): return machine.peerWentDown(peer)
    case .retire(let peer): machine.peerRetires(peer)
    case .data(let id, let content, let records, let lowWater, let sender):
      return try machine.batchArrived(
        id, content: content, records: UInt64(records), lowWater: lowWater, from: sender)
    case .taken(let id, let sender): return try machine.takenArrived(id, from: sender)
    case .done(let id, let tally, _): return machine.doneArrived(id, tally: tally)
    case .originEnded(let origin, let last): machine.originEnded(origin, last: last)
    case .flush: machine.flushOrdered()
    case .absorbed(let id, let outgoing, let dead):
      numbers = machine.batchApplied(id, outgoing: outgoing, dead: UInt64(dead))
    case .flushed(let outgoing): numbers = machine.flushApplied(outgoing: outgoing)
    case .released(let sequence, let output, let count):
      return machine.batchReleased(sequence, output: output, count: count)
    case .committed: return machine.groupCommitted()
    default: throw Failure("harness", "a stage with custody cannot be told \(input)")
    }
    return []
  }
}
