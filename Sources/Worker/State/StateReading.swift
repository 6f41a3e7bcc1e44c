import Coordination
import Delivery
import Glibc
import POSIXKit
import PipelineFile
import Stages

/// What a state folder says of a pipeline. Read without its lock: a run may be writing meanwhile.
package struct StateReading {
  package let folder: String
  /// The plan of the run; nil where there is none, or it can't be read.
  package let plan: Plan?
  /// Empty where no run was begun, or the journal can't be read.
  package let entries: [JournalEntry]
  package let history: RunHistory?
  /// A replay that is not concluded.
  package let replay: RunHistory?

  /// Whether a folder is a pipeline's state.
  package static func isState(_ folder: String) -> Bool { access("\(folder)/format", F_OK) == 0 }

  package init(_ folder: String) {
    self.folder = folder
    plan = (try? bytesOfFile("\(folder)/plan.json")).flatMap { try? Plan(canonicalJSON: $0) }
    entries = (try? Journal.read("\(folder)/journal")) ?? []
    history = RunHistory(entries)
    replay = (try? Journal.read("\(folder)/replay/journal")).flatMap(RunHistory.init)
  }

  /// Where a slot of a source stands: the number of the first batch that is not done, and the place in the
  /// input where that begins. Nil where it has not begun.
  package func source(_ slot: String) -> (low: UInt64, mark: InputMark)? {
    guard let bytes = load(slot), let position = try? SourceRole.decode(bytes) else { return nil }
    return (position.low, position.mark)
  }

  /// What a slot of a stage with state knows: keys, batches that it took, and those that it has numbered and that
  /// are not known to be done. Nil where it has not begun.
  package func custody(_ slot: String) throws(StageFailure) -> (keys: UInt64, taken: UInt64, underWay: Int)? {
    guard let stored = try StateSummary("\(folder)/slots/\(slot)") else { return nil }
    let position = stored.position.flatMap { try? CustodyStateMachine.Position(decoding: $0) }
    return (stored.keys, position?.dense.reduce(0, +) ?? 0, stored.outgoing.count)
  }

  /// What a slot of a sink has committed; nil where that is not known.
  package func sink(_ sink: SinkPlan, _ slot: String) -> (records: UInt64, bytes: UInt64)? {
    if case .sqlite(let table) = sink.target {
      return committedToSQLite(table, sink: Plan.sinkName(plan?.name ?? "", slot))
    }
    guard let bytes = load(slot), let checkpoint = try? SinkCheckpoint(decoding: bytes),
      let state = SinkState(checkpoint.state)
    else { return nil }
    return (state.records, state.length + (state.parts?.closedBytes ?? 0) - state.base)
  }

  /// Letters in each state; nil where none were ever kept.
  package func letters() throws(StageFailure) -> [StoredLetter.State: Int]? {
    guard let store = try DeadLetterStore(existing: "\(folder)/\(DeadLetterStore.fileName)") else {
      return nil
    }
    var counts: [StoredLetter.State: Int] = [:]
    for state in StoredLetter.State.allCases { counts[state] = try store.count(LetterFilter(state: state)) }
    return counts
  }

  /// Whether a run has it; tried for an instant.
  package var isInUse: Bool {
    guard access("\(folder)/lock", F_OK) == 0, let outcome = try? FileLock.acquire("\(folder)/lock") else {
      return false
    }
    switch outcome {
    case .taken: return false
    case .held: return true
    }
  }

  /// Only looks: opening a checkpoint to write would make one.
  private func load(_ slot: String) -> [UInt8]? {
    let path = "\(folder)/slots/\(slot)/position"
    guard access(path, F_OK) == 0 else { return nil }
    return try? RunState.load(path)
  }
}
