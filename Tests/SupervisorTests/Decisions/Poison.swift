import Coordination
import Delivery
import Supervisor

/// Deaths over one batch of `Linear`.
enum Poison {
  static let batch = BatchID(origin: Linear.read, sequence: 5, branch: Branch(rawValue: 77))

  static func death(record: UInt32? = nil, sequence: UInt64 = 5, status: Int32? = -11) -> WorkerEnd {
    var batch = batch
    batch.sequence = sequence
    return WorkerEnd(
      status: status, cause: "SIGSEGV", inHand: InHand(batch: batch, record: record, place: "in.csv:12"),
      lastWords: "oh", time: 99)
  }

  static func condemnation(record: UInt32) -> Condemnation {
    Condemnation(
      stage: 1, batch: batch, record: record, cause: "SIGSEGV", attempts: 5, worker: "clean.0", time: 99,
      lastWords: "oh")
  }
}

extension SupervisorStateMachine {
  /// Each life of a slot ends at a time of its own, a while after its start.
  mutating func exited(_ worker: Incarnation, _ end: WorkerEnd, now: UInt64? = nil) -> [SupervisorAction] {
    workerExited(worker, end, now: now ?? UInt64(worker.epoch) * 250, random: 0)
  }

  /// Lets the first slot of `clean` die and come back.
  mutating func lives(through end: WorkerEnd, epoch: UInt32) -> [SupervisorAction] {
    let actions = exited(Linear.clean.life(epoch), end)
    if let next = nextDeadline {
      _ = deadlineReached(now: next)
      _ = workerReady(Linear.clean.life(epoch + 1), now: next)
    }
    return actions
  }
}

extension [SupervisorAction] {
  var records: [JournalEntry] {
    compactMap {
      if case .record(let entry) = $0 { return entry }
      return nil
    }
  }
}
