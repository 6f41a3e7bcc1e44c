import Delivery

/// Takes a batch in hand, and in a later step sends what it makes of it.
final class StepWorker: Worker {
  private(set) var machine: StepStateMachine
  private var inHand: (id: BatchID, content: Content)?
  private var attempt: Attempt?
  private var isLeaving = false

  override init(incarnation: Incarnation, number: Int, simulation: Simulation) {
    machine = StepStateMachine(
      slot: incarnation.slot, topology: simulation.shape.topology, credit: simulation.parameters.credit)
    super.init(incarnation: incarnation, number: number, simulation: simulation)
  }

  override var hasWork: Bool { inHand != nil || machine.queuedCount > 0 || mayEnd }
  override var entryCount: Int { machine.entryCount }
  override var unclaimedAllowance: Int {
    guard let inHand else { return 0 }
    return books.isClaimed(inHand.id) ? 0 : 1
  }
  override var status: String {
    "entries \(machine.entryCount) queued \(machine.queuedCount) in hand \(inHand != nil)"
      + (isLeaving ? " leaving" : "")
  }

  private var mayEnd: Bool { isLeaving && machine.entryCount == 0 && !hasMail }

  override func leave() { isLeaving = true }

  override func work() throws {
    guard let (id, content) = inHand else {
      if machine.queuedCount == 0 { return simulation.end(self) }
      try tell(.start)
      guard let inHand else { return }
      marker = (inHand.id, nil)
      attempt = Attempt(inHand.id, suspect: simulation.suspect(inHand.id, stage: stage, for: self))
      return
    }
    let input = try simulation.contents.parcel(of: content, owner: number)
    if attempt!.advance(over: input.records, by: self) != .survived { return }
    let (kept, letters) = attempt!.divide(input.records, at: stage, fates: simulation.fates)
    inHand = nil
    marker = nil
    var records: [UInt64] = []
    var filtered: UInt64 = 0
    for record in kept {
      let before = records.count
      transform(record, at: stage, into: &records)
      if records.count == before { filtered += 1 }
    }
    let count = StageCount(
      stage: stage, recordsIn: UInt64(input.records.count), recordsOut: UInt64(records.count),
      filtered: filtered, dead: UInt64(letters.count))
    let output = output(id, records, letters: letters, lowWater: input.lowWater)
    try tell(.processed(id, output, count))
  }

  override func feed(_ input: Input) throws -> [DeliveryAction] {
    switch input {
    case .peerUp(let peer): return machine.peerCameUp(peer)
    case .peerDown(let peer): return machine.peerWentDown(peer)
    case .retire(let peer): machine.peerRetires(peer)
    case .data(let id, let content, _, _, let sender):
      return machine.batchArrived(id, content: content, from: sender)
    case .taken(let id, let sender): return try machine.takenArrived(id, from: sender)
    case .done(let id, let tally, _): return machine.doneArrived(id, tally: tally)
    case .start:
      var actions: [DeliveryAction] = []
      inHand = machine.startNext(actions: &actions)
      return actions
    case .processed(let id, let output, let count):
      return machine.batchProcessed(id, output: output, count: count)
    default: throw Failure("harness", "a step cannot be told \(input)")
    }
    return []
  }
}
