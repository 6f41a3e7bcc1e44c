import Coordination
import Delivery
import Glibc
import POSIXKit
import PipelineFile
import Stages

/// A run as it begins or goes on: the plan to carry out and what was done before.
package struct PreparedRun {
  /// Numbered like the stored plan, with the input files that the run began with.
  package var plan: Plan
  /// Folder of its journal and slots: the state's own or, for a replay, one in it.
  package var folder: String
  package var history: RunHistory
  /// Whether it goes on with an earlier run.
  package var isResumed: Bool
  /// Whether it puts dead letters of a run back in.
  package var isReplay = false
  /// What to tell of changes that the run goes on with.
  package var notes: [String] = []
}

extension RunState {
  var journalPath: String { "\(folder)/journal" }

  /// Goes on with the run that the state holds, or begins a new one: `fresh` forgets what there is.
  ///
  /// Throws `RunStateError.replayUnfinished` where dead letters are being put back in, `RunStateError.changed` where the stored run can't be gone on with under this plan, and a
  /// `StageFailure` for outputs that must not be touched.
  package func prepare(_ plan: Plan, fresh: Bool, standardOutput: Int32) throws -> PreparedRun {
    try settleReplay(of: plan, givingUp: fresh)
    if !fresh, let history = try unfinishedRun() { return try resume(plan, history, standardOutput) }
    return try begin(plan, standardOutput: standardOutput)
  }

  /// The journal of the prepared run, ready to be appended to.
  package func openJournal(of run: PreparedRun) throws -> Journal {
    try Journal.open("\(run.folder)/journal")
  }

  /// The run that was begun and has not ended, if there is one.
  private func unfinishedRun() throws -> RunHistory? {
    if access(journalPath, F_OK) != 0 { return nil }
    guard let history = RunHistory(try Journal.read(journalPath)) else {
      throw RunStateError.failed(
        "the journal in \(folder) can't be read: it is damaged; start over with --fresh")
    }
    return history.hasEnded ? nil : history
  }

  private func resume(
    _ plan: Plan, _ history: RunHistory, _ standardOutput: Int32
  ) throws -> PreparedRun {
    let stored: Plan
    do {
      stored = try Plan(canonicalJSON: bytesOfFile("\(folder)/plan.json"))
    } catch {
      throw RunStateError.changed(
        folder: folder, changes: ["its plan can't be read: another version of procession may have made it"])
    }
    let arranged = InputCheck.withPresentDevices(plan.arranged(like: stored).reading(filesOf: stored))
    let changes = plan.changes(since: stored)
    let problems =
      changes.filter { $0.effect == .prevents }.map(\.message) + InputCheck.problems(of: arranged)
    if !problems.isEmpty { throw RunStateError.changed(folder: folder, changes: problems) }
    for stage in arranged.stages { try Self.makeSlotFolders(stage, in: folder) }
    try addSinks(of: arranged, since: stored, history, standardOutput: standardOutput)
    try Self.write(String(decoding: arranged.canonicalJSON(), as: UTF8.self), to: "\(folder)/plan.json")
    let prepared = PreparedRun(
      plan: arranged, folder: folder, history: history, isResumed: true, notes: changes.map(\.message))
    var journal = try openJournal(of: prepared)
    try journal.append(.resumed(time: WallClock.now()))
    return prepared
  }

  /// Forgets an earlier run and prepares the outputs. The journal comes last: without it there is nothing
  /// to go on with, so a death in between leaves a run that never began.
  private func begin(_ plan: Plan, standardOutput: Int32) throws -> PreparedRun {
    if unlink(journalPath) != 0 && errno != ENOENT { throw SystemCallError.last("unlink", journalPath) }
    try Descriptor.syncFolder(folder)
    do {
      for stage in plan.stages {
        try Self.makeSlotFolders(stage, in: folder)
        for index in 0..<stage.workers {
          try prepareSlot(stage, index: index, of: plan.name, standardOutput: standardOutput)
        }
      }
      try Self.write(String(decoding: plan.canonicalJSON(), as: UTF8.self), to: "\(folder)/plan.json")
    } catch let error as StageFailure {
      throw error
    } catch {
      throw StageFailure("error: the state in \(folder) can't be written: \(error)")
    }
    let history = RunHistory(run: UInt64.random(in: 1...UInt64.max), beganAt: WallClock.now())
    _ = try Journal.create(journalPath, first: .began(run: history.run, time: history.beganAt))
    return PreparedRun(plan: plan, folder: folder, history: history, isResumed: false)
  }

  /// Lets sinks that are new in the plan begin where the sources are now.
  private func addSinks(
    of plan: Plan, since stored: Plan, _ history: RunHistory, standardOutput: Int32
  ) throws {
    let topology = plan.topology
    for (number, stage) in plan.stages.enumerated() {
      guard case .sink = stage.work, !stored.stages.contains(where: { $0.name == stage.name }) else {
        continue
      }
      for slot in topology.slots(of: UInt16(number)) {
        let dense = try topology.mergeOrder(of: slot).map { try sequencesDone(by: $0.origin, plan, history) }
        try prepareSlot(
          stage, index: Int(slot.index), of: plan.name, standardOutput: standardOutput,
          position: .init(dense: dense))
      }
    }
  }

  /// The sequences of an origin, from 1 on, that it will not send again.
  private func sequencesDone(by origin: SlotID, _ plan: Plan, _ history: RunHistory) throws -> UInt64 {
    if let complete = history.complete.first(where: { $0.slot == origin }) { return complete.last }
    let path = "\(folder)/slots/\(plan.name(of: origin))/position"
    if access(path, F_OK) != 0 { return 0 }
    var file = try CheckpointFile(path: path)
    guard let bytes = try file.load() else { return 0 }
    // A source's position begins with its low-water mark.
    var reader = ByteReader(bytes)
    return try reader.read(UInt64.self) - 1
  }

  static func makeSlotFolders(_ stage: StagePlan, in folder: String) throws {
    for index in 0..<stage.workers { try makeFolder("\(folder)/slots/\(stage.name).\(index)") }
    try Descriptor.syncFolder("\(folder)/slots")
  }

  private func prepareSlot(
    _ stage: StagePlan, index: Int, of pipeline: String, standardOutput: Int32,
    position: SinkStateMachine.Position? = nil
  ) throws {
    let slot = "\(folder)/slots/\(stage.name).\(index)"
    unlink("\(slot)/position")
    unlink("\(slot)/\(BoundaryLog.fileName)")
    try Spool.remove("\(slot)/\(Spool.folderName)")
    guard case .sink(let sink) = stage.work else { return }
    if case .sqlite(let table) = sink.target {
      try prepareSQLiteOutput(
        table, sink: Plan.sinkName(pipeline, "\(stage.name).\(index)"), position: sink.position)
    }
    let state = try prepareOutput(
      sink, slot: index, of: stage.workers, standardOutput: standardOutput, ownerFile: "\(slot)/owned")
    var file = try CheckpointFile(path: "\(slot)/position")
    try file.store(SinkCheckpoint(position: position, state: state.encoded()).encoded(), durably: true)
    try Descriptor.syncFolder(slot)
  }
}
