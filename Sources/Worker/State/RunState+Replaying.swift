import Coordination
import Delivery
import Glibc
import POSIXKit
import PipelineFile
import Stages

/// Which dead letters are to be put back in.
package struct ReplaySelection: Hashable, Sendable {
  /// Nil: whatever their ids.
  package var ids: [Int64]?
  /// Nil: at all stages.
  package var stage: String?

  package init(ids: [Int64]? = nil, stage: String? = nil) {
    self.ids = ids
    self.stage = stage
  }

  var filter: LetterFilter { LetterFilter(ids: ids, stage: stage) }
}

/// What there is to do for a replay.
package enum ReplayBeginning {
  /// No dead letters are meant.
  case nothing
  /// An earlier one had only to be concluded.
  case concluded(ConcludedReplay)
  /// To be carried out, and concluded when it has ended: so many letters.
  case run(PreparedRun, letters: Int)
}

extension RunState {
  /// Goes on with the replay that the state holds, whatever is selected, or begins a new one.
  ///
  /// Letters are selected by `selection`; nil means that there must be a replay to go on with, or no letters.
  package func prepareReplay(
    _ plan: Plan, _ selection: ReplaySelection?, standardOutput: Int32
  ) throws -> ReplayBeginning {
    let replay = ReplayFolder(of: self)
    if replay.exists {
      if let history = try replay.history() {
        if history.hasEnded { return .concluded(try concludeReplay()) }
        return try resumeReplay(plan, history, selection)
      }
      try abandonReplay()
    }
    guard let store = try DeadLetterStore(existing: storePath),
      try store.count(LetterFilter(state: .dead)) > 0
    else { return .nothing }
    guard let selection else {
      throw RunStateError.notReplayable(["say which: their ids, --stage or --all"])
    }
    return try beginReplay(plan, selection, store, standardOutput: standardOutput)
  }

  private func resumeReplay(
    _ plan: Plan, _ history: RunHistory, _ selection: ReplaySelection?
  ) throws -> ReplayBeginning {
    let replay = ReplayFolder(of: self)
    guard let store = try DeadLetterStore(existing: storePath) else {
      throw RunStateError.failed("\(storePath) is gone, and with it the dead letters of a replay")
    }
    for id in selection?.ids ?? [] where try store.letter(id)?.replay != history.replayName {
      throw RunStateError.replayUnfinished(
        file: plan.file, reason: "dead letter \(id) is no part of the replay that is unfinished")
    }
    let stored = try replay.plan()
    let letters = stored.stages.compactMap { stage -> LetterSourcePlan? in
      if case .letters(let letters) = stage.work { letters } else { nil }
    }
    let derived = plan.replaying(letters)
    let changes = derived.replayChanges(since: stored)
    if !changes.isEmpty {
      throw RunStateError.notReplayable(
        ["undo what has changed since their replay began:"] + changes.map(\.summary))
    }
    let arranged = derived.arranged(like: stored)
    for stage in arranged.stages { try Self.makeSlotFolders(stage, in: replay.path) }
    try Self.write(String(decoding: arranged.canonicalJSON(), as: UTF8.self), to: "\(replay.path)/plan.json")
    var prepared = PreparedRun(plan: arranged, folder: replay.path, history: history, isResumed: true)
    prepared.isReplay = true
    var journal = try openJournal(of: prepared)
    try journal.append(.resumed(time: WallClock.now()))
    return .run(prepared, letters: try store.count(ofReplay: history.replayName))
  }

  /// The letters are marked before the journal says that there is a replay: a death in between leaves marks
  /// that the next one takes off.
  private func beginReplay(
    _ plan: Plan, _ selection: ReplaySelection, _ store: DeadLetterStore, standardOutput: Int32
  ) throws -> ReplayBeginning {
    let (stages, notes) = try placeable(selection, in: plan, store)
    if stages.isEmpty && notes.isEmpty { return .nothing }
    if stages.isEmpty { throw RunStateError.notReplayable(notes) }
    let history = RunHistory(run: UInt64.random(in: 1...UInt64.max), beganAt: WallClock.now())
    func letters(_ stage: String, files: [String]) -> LetterSourcePlan {
      LetterSourcePlan(stage: stage, replay: history.replayName, store: storePath, files: files)
    }
    let (stored, isOver) = try runBefore()
    let changes = plan.replaying(stages.map { letters($0, files: []) }).sinkChanges(since: stored)
    if !changes.isEmpty {
      throw RunStateError.notReplayable(["undo what has changed since the run:"] + changes.map(\.summary))
    }
    for stage in plan.replaying(stages.map { letters($0, files: []) }).stages {
      guard case .custody = stage.work else { continue }
      throw RunStateError.notReplayable(
        [
          "stage '\(stage.name)' would get what becomes of them, and it keeps state: what it knows is that of "
            + "the run, which can't be changed behind it; mend the input, or the steps, and start over "
            + "(procession run --fresh)"
        ])
    }
    let replay = ReplayFolder(of: self)
    try Self.makeFolder(replay.path)
    try Descriptor.syncFolder(folder)
    do {
      var count = 0
      var sources: [LetterSourcePlan] = []
      for stage in stages {
        var filter = selection.filter
        filter.stage = stage
        count += try store.mark(filter, replay: history.replayName)
        sources.append(
          letters(stage, files: try store.files(ofReplay: history.replayName, stage: stage)))
      }
      let derived = plan.replaying(sources)
      for stage in derived.stages {
        try Self.makeSlotFolders(stage, in: replay.path)
        guard case .sink(let sink) = stage.work else { continue }
        for index in 0..<stage.workers {
          try prepareSink(sink, of: stage, index, in: plan, isOver: isOver, standardOutput: standardOutput)
        }
      }
      try Self.write(String(decoding: derived.canonicalJSON(), as: UTF8.self), to: "\(replay.path)/plan.json")
      _ = try Journal.create(replay.journal, first: .began(run: history.run, time: history.beganAt))
      var prepared = PreparedRun(
        plan: derived, folder: replay.path, history: history, isResumed: false, notes: notes)
      prepared.isReplay = true
      return .run(prepared, letters: count)
    } catch {
      try? abandonReplay()
      throw error
    }
  }

  /// The stages that letters can be put back in at, and a sentence for each that the plan does not have.
  private func placeable(
    _ selection: ReplaySelection, in plan: Plan, _ store: DeadLetterStore
  ) throws -> (stages: [String], notes: [String]) {
    var notes: [String] = []
    var stages: [String] = []
    for stage in try store.stages(selection.filter) {
      if plan.declaredStages.contains(where: { $0.name == stage }) {
        stages.append(stage)
        continue
      }
      var filter = selection.filter
      filter.stage = stage
      filter.state = .dead
      notes.append(
        "\(try store.count(filter)) dead letters of stage '\(stage)' stay: the file has no such stage any more"
      )
    }
    return (stages, notes)
  }

  /// The plan of the run whose letters these are, and whether it has ended.
  private func runBefore() throws -> (plan: Plan, isOver: Bool) {
    guard access(journalPath, F_OK) == 0, let history = RunHistory(try Journal.read(journalPath)),
      let plan = try? Plan(canonicalJSON: bytesOfFile("\(folder)/plan.json"))
    else {
      throw RunStateError.notReplayable(
        [
          "the state in \(folder) has no run behind whose outputs they could be written; run the pipeline first"
        ])
    }
    return (plan, history.hasEnded)
  }

  /// A sink goes on behind what the run has committed, with a place of its own.
  private func prepareSink(
    _ sink: SinkPlan, of stage: StagePlan, _ index: Int, in plan: Plan, isOver: Bool, standardOutput: Int32
  ) throws {
    let name = "\(stage.name).\(index)"
    let slot = ReplayFolder(of: self).slot(stage, index)
    let state: SinkState
    switch sink.target {
    case .file(let file):
      let written = try Self.sinkState(Self.checkpoint("\(folder)/slots/\(name)/position", name).state, name)
      state = try resumeOutput(file, slot: index, of: stage.workers, written: written, isOver: isOver)
      var before = try CheckpointFile(path: "\(slot)/before")
      try before.store(written.encoded(), durably: true)
    case .sqlite(let table):
      try resumeSQLiteOutput(
        table, sink: Plan.sinkName(plan.name, name),
        replay: Plan.sinkName(plan.name, name, isReplay: true))
      state = SinkState()
    case .standardOutput, .discard, .user:
      state = try prepareOutput(
        sink, slot: index, of: stage.workers, standardOutput: standardOutput, ownerFile: "\(slot)/owned")
    }
    var file = try CheckpointFile(path: "\(slot)/position")
    try file.store(SinkCheckpoint(position: nil, state: state.encoded()).encoded(), durably: true)
    try Descriptor.syncFolder(slot)
  }
}
