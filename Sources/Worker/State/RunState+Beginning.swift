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
    var history = history
    var journal = try Journal.open(journalPath)
    // Before the plan has them: once it has, nobody could tell any more.
    for (number, stage) in arranged.stages.enumerated()
    where !stored.stages.contains(where: { $0.name == stage.name }) {
      history.joined[UInt16(number)] = history.resumptions
      try journal.append(.joined(stage: UInt16(number)))
    }
    try Self.write(String(decoding: arranged.canonicalJSON(), as: UTF8.self), to: "\(folder)/plan.json")
    try journal.append(.resumed(time: WallClock.now()))
    return PreparedRun(
      plan: arranged, folder: folder, history: history, isResumed: true, notes: changes.map(\.message))
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

  /// Lets sinks and stages with state that are new in the plan begin where what they read is now.
  private func addSinks(
    of plan: Plan, since stored: Plan, _ history: RunHistory, standardOutput: Int32
  ) throws {
    let topology = plan.topology
    for (number, stage) in plan.stages.enumerated() {
      guard topology.stages[number].role.isOrdered, !stored.stages.contains(where: { $0.name == stage.name })
      else {
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
    if case .custody = plan.stages[Int(origin.stage)].work { return try numbersDone(by: origin, plan) }
    let path = "\(folder)/slots/\(plan.name(of: origin))/position"
    if access(path, F_OK) != 0 { return 0 }
    var file = try CheckpointFile(path: path)
    guard let bytes = try file.load() else { return 0 }
    // A source's position begins with its low-water mark.
    var reader = ByteReader(bytes)
    return try reader.read(UInt64.self) - 1
  }

  /// The same for a stage with state. Of what it has numbered, a later batch may be done before an earlier one,
  /// and is not sent again: who joins then would wait for it for ever.
  private func numbersDone(by origin: SlotID, _ plan: Plan) throws -> UInt64 {
    let name = plan.name(of: origin)
    guard let stored = try StateSummary("\(folder)/slots/\(name)"), let bytes = stored.position else {
      return 0
    }
    let next = try CustodyStateMachine.Position(decoding: bytes).next
    guard let low = stored.outgoing.first else { return next - 1 }
    if next - low == UInt64(stored.outgoing.count) { return low - 1 }
    throw RunStateError.changed(
      folder: folder,
      changes: [
        "what is new in the pipeline reads from stage '\(plan.stages[Int(origin.stage)].name)', which keeps "
          + "state and was interrupted: take it out, let the run go on for a moment, and add it then"
      ])
  }

  /// Where a stage with state begins that joins a run late.
  private func custody(at position: SinkStateMachine.Position) -> [UInt8] {
    CustodyStateMachine.Position(dense: position.dense).encoded()
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
    StateStore.remove(in: slot)
    try Spool.remove("\(slot)/\(Spool.folderName)")
    if case .custody = stage.work {
      let store = try StateStore("\(slot)/\(StateStore.fileName)")
      if let position { try store.commit(position: custody(at: position), removing: []) }
      return try Descriptor.syncFolder(slot)
    }
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
