import Delivery

/// Takes a batch in hand, and in a later step sends what it makes of it.
final class StepWorker: Worker {
  private(set) var machine: StepStateMachine
  private var inHand: (id: BatchID, content: Content)?

  override init(incarnation: Incarnation, number: Int, simulation: Simulation) {
    machine = StepStateMachine(
      slot: incarnation.slot, topology: simulation.shape.topology, credit: simulation.parameters.credit)
    super.init(incarnation: incarnation, number: number, simulation: simulation)
  }

  override var hasWork: Bool { inHand != nil || machine.queuedCount > 0 }
  override var entryCount: Int { machine.entryCount }
  override var unclaimedAllowance: Int {
    guard let inHand else { return 0 }
    return books.isClaimed(inHand.id) ? 0 : 1
  }
  override var status: String {
    "entries \(machine.entryCount) queued \(machine.queuedCount) in hand \(inHand != nil)"
  }

  override func work() throws {
    guard let (id, content) = inHand else { return try tell(.start) }
    inHand = nil
    let input = try simulation.contents.parcel(of: content, owner: number)
    var records: [UInt64] = []
    for record in input.records { transform(record, at: stage, into: &records) }
    let output = simulation.contents.add(
      Parcel(id: id, records: records, lowWater: input.lowWater), owner: number)
    try tell(.processed(id, output, recordsIn: input.records.count, recordsOut: records.count))
  }

  override func feed(_ input: Input) throws -> [DeliveryAction] {
    switch input {
    case .peerUp(let peer): return machine.peerCameUp(peer)
    case .peerDown(let peer): return machine.peerWentDown(peer)
    case .data(let id, let content, _, _, let sender):
      return machine.batchArrived(id, content: content, from: sender)
    case .taken(let id, let sender): return try machine.takenArrived(id, from: sender)
    case .done(let id, let tally, _): return machine.doneArrived(id, tally: tally)
    case .start:
      var actions: [DeliveryAction] = []
      inHand = machine.startNext(actions: &actions)
      return actions
    case .processed(let id, let output, let recordsIn, let recordsOut):
      return machine.batchProcessed(
        id, output: Output(whole: output),
        count: StageCount(
          stage: stage, recordsIn: UInt64(recordsIn), recordsOut: UInt64(recordsOut)))
    default: throw Failure("harness", "a step cannot be told \(input)")
    }
  }
}
