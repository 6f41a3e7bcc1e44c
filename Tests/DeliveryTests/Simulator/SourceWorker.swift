import Delivery

/// What a source finds again after its death.
struct SourceStore {
  var position = OriginStateMachine<Int>.Position(low: 1, mark: 0, tally: Tally())
  /// Where each logged batch ends in the input, from sequence 1 on.
  var boundaries: [Int] = []
}

/// Cuts an input of numbered records and keeps its position, a little late.
final class SourceWorker: Worker {
  private(set) var machine: OriginStateMachine<Int>
  private var offset: Int
  /// How much further `low` moves before the position is stored again.
  private var lag = 0
  private var announcedEnd = false

  override init(incarnation: Incarnation, number: Int, simulation: Simulation) {
    let store = simulation.sources[Int(incarnation.slot.stage)]
    let parameters = simulation.parameters
    machine = OriginStateMachine(
      slot: incarnation.slot, topology: simulation.shape.topology, windowBytes: parameters.windowBytes,
      resumingAt: store.position, window: parameters.window, credit: parameters.credit)
    offset = store.position.mark
    super.init(incarnation: incarnation, number: number, simulation: simulation)
  }

  private var size: Int { simulation.sourceSizes[Int(stage)] }
  private var mayCut: Bool { offset < size && machine.mayCut }
  private var noticesEnd: Bool { offset == size && !announcedEnd }
  private var mayPersist: Bool {
    let low = simulation.sources[Int(stage)].position.low
    return low < machine.position.low && (machine.isComplete || Int(machine.position.low - low) > lag)
  }
  private var mayReport: Bool { machine.isComplete && announcedEnd && !mayPersist && !hasReported }

  override var lowWater: UInt64? { machine.position.low }
  override var hasWork: Bool { mayCut || noticesEnd || mayPersist || mayReport }
  override var status: String {
    "low \(machine.position.low) next \(machine.next) offset \(offset)/\(size) ended \(machine.hasEnded)"
  }

  override func work() throws {
    if mayPersist && (!mayCut || simulation.random.chance(3_000)) {
      simulation.sources[Int(stage)].position = machine.position
      lag = simulation.random.below(4)
    } else if mayCut {
      try cut()
    } else if noticesEnd {
      announcedEnd = true
      try tell(.inputEnded)
      simulation.report(.ended(last: machine.next - 1), from: self)
    } else if mayReport {
      hasReported = true
      simulation.sources[Int(stage)].position = machine.position
      simulation.report(.complete, from: self)
    }
  }

  private func cut() throws {
    let parameters = simulation.parameters
    let sequence = machine.next
    let logged = simulation.sources[Int(stage)].boundaries
    var end = min(offset + parameters.batchSize, size)
    if parameters.lingers {
      if Int(sequence) <= logged.count {
        end = logged[Int(sequence) - 1]
      } else {
        if simulation.random.chance(3_000) {
          end = min(end, offset + 1 + simulation.random.below(parameters.batchSize))
        }
        if simulation.wrong != .logNever { simulation.sources[Int(stage)].boundaries.append(end) }
      }
    }
    try simulation.noteCut(offset..<end, sequence: sequence, stage: stage)
    let records = (offset..<end).map { sourceRecord(stage: stage, index: $0) }
    let id = BatchID(origin: incarnation.slot, sequence: sequence, branch: .root)
    let content = simulation.contents.add(
      Parcel(id: id, records: records, lowWater: machine.position.low), owner: number)
    offset = end
    try tell(.cut(content, records: records.count, end: end))
    if simulation.wrong == .positionSent {
      simulation.sources[Int(stage)].position = .init(
        low: machine.next, mark: offset, tally: machine.position.tally)
    }
  }

  override func feed(_ input: Input) throws -> [DeliveryAction] {
    switch input {
    case .peerUp(let peer): return machine.peerCameUp(peer)
    case .peerDown(let peer): return machine.peerWentDown(peer)
    case .taken(let id, let sender): return try machine.takenArrived(id, from: sender)
    case .done(let id, let tally, _): return machine.doneArrived(id, tally: tally)
    case .cut(let content, let records, let end):
      return machine.batchCut(
        Output(whole: content), bytes: 8 * records,
        count: StageCount(stage: stage, recordsIn: UInt64(records), recordsOut: UInt64(records)),
        endMark: end)
    case .inputEnded:
      machine.inputEnded()
      return []
    default: throw Failure("harness", "a source cannot be told \(input)")
    }
  }

  override func checkBounds() throws {
    let span = machine.next - machine.position.low
    if span > machine.window || machine.batchesInFlight > Int(span) {
      throw Failure("window", "\(simulation.name(incarnation)) has \(span) sequences in flight")
    }
  }
}
