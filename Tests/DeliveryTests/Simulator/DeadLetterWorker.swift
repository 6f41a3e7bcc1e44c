import Delivery

/// The table of dead letters, with its unique key.
struct LetterStore {
  private(set) var rows: [LetterKey: UInt64] = [:]
  /// How many were written under a key that was there.
  private(set) var doubled = 0

  mutating func upsert(_ record: UInt64, for key: LetterKey) {
    if rows.updateValue(record, forKey: key) != nil { doubled += 1 }
  }
}

/// Stores letters in transactions; answering is a step of its own.
final class DeadLetterWorker: Worker {
  private(set) var machine: DeadLetterStateMachine
  private var transaction: [(LetterKey, UInt64)] = []
  private var owesAnswers = false

  override init(incarnation: Incarnation, number: Int, simulation: Simulation) {
    machine = DeadLetterStateMachine(slot: incarnation.slot)
    super.init(incarnation: incarnation, number: number, simulation: simulation)
  }

  override var hasWork: Bool {
    owesAnswers || machine.nextToStore != nil || machine.shouldCommit || machine.isFinished && !hasReported
  }
  override var entryCount: Int { machine.bufferedCount }
  /// What the dead sent is stored all the same.
  override var unclaimedAllowance: Int { machine.bufferedCount }
  override var status: String { "buffered \(machine.bufferedCount) finished \(machine.isFinished)" }

  override func work() throws {
    if owesAnswers {
      owesAnswers = false
      try tell(.committed)
    } else if let (id, content) = machine.nextToStore {
      let parcel = try simulation.contents.parcel(of: content, owner: number)
      for (index, record) in zip(parcel.indices, parcel.records) {
        transaction.append((LetterKey(batch: id, index: index), record))
      }
      try tell(.stored)
    } else if machine.shouldCommit {
      for (key, record) in transaction { simulation.letters.upsert(record, for: key) }
      transaction = []
      owesAnswers = true
    } else if machine.isFinished && !hasReported {
      hasReported = true
      simulation.report(.finished, from: self)
    }
  }

  override func feed(_ input: Input) throws -> [DeliveryAction] {
    switch input {
    case .peerUp(let peer): return machine.peerCameUp(peer)
    case .peerDown(let peer): machine.peerWentDown(peer)
    case .data(let id, let content, let records, _, let sender):
      return machine.batchArrived(id, content: content, records: UInt64(records), from: sender)
    case .flush: machine.flushOrdered()
    case .stored: machine.lettersStored()
    case .committed: return machine.groupCommitted()
    // A saboteur or a sink's stray letters aside, nobody says more to it.
    default: throw Failure("harness", "the keeper of dead letters cannot be told \(input)")
    }
    return []
  }
}
