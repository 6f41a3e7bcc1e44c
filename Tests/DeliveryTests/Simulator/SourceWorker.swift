import Delivery

/// What a source finds again after its death.
struct SourceStore {
  var position = OriginStateMachine<Int>.Position(low: 1, mark: 0, tally: Tally())
  /// Where each logged batch ends in the input, by sequence.
  var boundaries: [UInt64: Int] = [:]
}

/// Cuts an input of numbered records and keeps its position, a little late.
final class SourceWorker: Worker {
  private(set) var machine: OriginStateMachine<Int>
  private var offset: Int
  /// How much further `low` moves before the position is stored again.
  private var lag = 0
  private var announcedEnd = false
  /// Nothing is cut before the supervisor's orders are known: they come before the first peer.
  private var hasPeer = false

  override init(incarnation: Incarnation, number: Int, simulation: Simulation) {
    let store = simulation.sources[simulation.index(of: incarnation.slot)]
    let parameters = simulation.parameters
    machine = OriginStateMachine(
      slot: incarnation.slot, topology: simulation.shape.topology, windowBytes: parameters.windowBytes,
      resumingAt: store.position, window: parameters.window, credit: parameters.credit)
    offset = store.position.mark
    super.init(incarnation: incarnation, number: number, simulation: simulation)
  }

  private var size: Int { simulation.sourceSizes[slotNumber] }
  private var mayCut: Bool { offset < size && hasPeer && machine.mayCut }
  private var noticesEnd: Bool { offset == size && hasPeer && !announcedEnd }
  private var mayPersist: Bool {
    let low = simulation.sources[slotNumber].position.low
    return low < machine.position.low
      && (machine.isComplete || machine.isDrained || Int(machine.position.low - low) > lag)
  }
  private var mayReport: Bool {
    (machine.isComplete && announcedEnd || machine.isDrained) && !mayPersist && !hasReported
  }

  override var lowWater: UInt64? {
    simulation.wrong == .lowUnstored ? machine.position.low : simulation.sources[slotNumber].position.low
  }
  override var hasWork: Bool { mayCut || noticesEnd || mayPersist || mayReport }
  override var status: String {
    "low \(machine.position.low) next \(machine.next) offset \(offset)/\(size) ended \(machine.hasEnded) "
      + "drained \(machine.isDrained)"
  }

  override func work() throws {
    if mayPersist && (!mayCut || simulation.random.chance(3_000)) {
      simulation.sources[slotNumber].position = machine.position
      lag = simulation.random.below(4)
    } else if mayCut {
      try cut()
    } else if noticesEnd {
      announcedEnd = true
      try tell(.inputEnded)
      simulation.report(.ended(last: machine.next - 1), from: self)
    } else if mayReport {
      hasReported = true
      simulation.sources[slotNumber].position = machine.position
      simulation.report(machine.isComplete ? .complete : .drained, from: self)
    }
  }

  private func cut() throws {
    let sequence = machine.next
    let end = nextBoundary(sequence)
    try simulation.noteCut(offset..<end, sequence: sequence, slot: slotNumber)
    let attempt = Attempt(BatchID(origin: incarnation.slot, sequence: sequence, branch: .root), suspect: nil)
    let records = (offset..<end).map { sourceRecord(slot: slotNumber, index: $0) }
    let (kept, letters) = attempt.divide(records, at: stage, fates: simulation.fates)
    let count = StageCount(
      stage: stage, recordsIn: UInt64(records.count), recordsOut: UInt64(kept.count),
      dead: UInt64(letters.count))
    let output = output(attempt.id, kept, letters: letters, lowWater: machine.position.low)
    offset = end
    try tell(.cut(output, count, end: end))
    if simulation.wrong == .positionSent {
      simulation.sources[slotNumber].position = .init(
        low: machine.next, mark: offset, tally: machine.position.tally)
    }
  }

  private func nextBoundary(_ sequence: UInt64) -> Int {
    let parameters = simulation.parameters
    let standard = min(offset + parameters.batchSize, size)
    if !parameters.lingers { return standard }
    if let logged = simulation.sources[slotNumber].boundaries[sequence] { return logged }
    var end = standard
    if simulation.random.chance(3_000) {
      end = min(end, offset + 1 + simulation.random.below(parameters.batchSize))
    }
    let isShort = end < offset + parameters.batchSize
    if simulation.wrong != .logNever && (simulation.wrong != .logShort || isShort) {
      simulation.sources[slotNumber].boundaries[sequence] = end
    }
    return end
  }

  override func feed(_ input: Input) throws -> [DeliveryAction] {
    switch input {
    case .peerUp(let peer):
      hasPeer = true
      return machine.peerCameUp(peer)
    case .peerDown(let peer): return machine.peerWentDown(peer)
    case .retire(let peer): machine.peerRetires(peer)
    case .taken(let id, let sender): return try machine.takenArrived(id, from: sender)
    case .done(let id, let tally, _): return machine.doneArrived(id, tally: tally)
    case .cut(let output, let count, let end):
      return machine.batchCut(output, bytes: 8 * Int(count.recordsIn), count: count, endMark: end)
    case .inputEnded: machine.inputEnded()
    case .drain: simulation.report(.halted(last: machine.drainOrdered()), from: self)
    case .drainUpTo(let last): machine.drainOrdered(upTo: last)
    default: throw Failure("harness", "a source cannot be told \(input)")
    }
    return []
  }

  override func checkBounds() throws {
    let span = machine.next - machine.position.low
    if span > machine.window || machine.batchesInFlight > Int(span) {
      throw Failure("window", "\(simulation.name(incarnation)) has \(span) sequences in flight")
    }
  }
}
