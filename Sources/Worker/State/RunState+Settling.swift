import Coordination
import Delivery
import PipelineFile
import Stages

/// A replay of which nothing is left to do.
package struct ConcludedReplay: Hashable, Sendable {
  /// Letters that were put back in.
  package var letters: Int
  /// Those of their records that fell out again.
  package var deadAgain: Int
  /// Nanoseconds since 1970.
  package var beganAt: UInt64
}

extension RunState {
  var storePath: String { "\(folder)/\(DeadLetterStore.fileName)" }

  /// Brings what an earlier replay left to an end where it needs no workers; `givingUp` ends any.
  ///
  /// Throws `RunStateError.replayUnfinished` where it needs some.
  func settleReplay(of plan: Plan, givingUp: Bool) throws {
    let replay = ReplayFolder(of: self)
    guard replay.exists else { return }
    if let history = try replay.history() {
      if history.hasEnded {
        _ = try concludeReplay()
        return
      }
      if !givingUp {
        throw RunStateError.replayUnfinished(
          file: plan.file, reason: "dead letters are being put back in and their replay is unfinished")
      }
    }
    try abandonReplay()
  }

  /// Nothing was put back in, or what was does not count any more.
  func abandonReplay() throws {
    _ = try DeadLetterStore(existing: storePath)?.abandonAll()
    try ReplayFolder(of: self).remove()
  }

  /// Makes what a replay did, which has ended, part of the run's state. A death at any moment leaves a replay
  /// that can be concluded again.
  package func concludeReplay() throws -> ConcludedReplay {
    let replay = ReplayFolder(of: self)
    guard let history = try replay.history(), history.hasEnded else {
      throw RunStateError.failed("the replay in \(replay.path) has not ended")
    }
    let plan = try replay.plan()
    for stage in plan.stages {
      guard case .sink(let sink) = stage.work else { continue }
      for index in 0..<stage.workers { try merge(sink, of: stage, index, in: plan, replay) }
    }
    let store = try DeadLetterStore(existing: storePath)
    _ = try store?.finish(replay: history.replayName)
    let concluded = ConcludedReplay(
      letters: try store?.count(ofReplay: history.replayName) ?? 0,
      deadAgain: try store?.count(of: history.run) ?? 0, beganAt: history.beganAt)
    try replay.remove()
    return concluded
  }

  /// The run's place in its streams stays; only how much of the output counts is new.
  private func merge(
    _ sink: SinkPlan, of stage: StagePlan, _ index: Int, in plan: Plan, _ replay: ReplayFolder
  ) throws {
    let name = "\(stage.name).\(index)"
    switch sink.target {
    case .standardOutput, .discard, .user: break
    case .sqlite(let table):
      try mergeSQLiteOutput(
        table, sink: Plan.sinkName(plan.name, name),
        replay: Plan.sinkName(plan.name, name, isReplay: true))
    case .file:
      let before = try Self.sinkState(Self.load("\(replay.slot(stage, index))/before"), name)
      let replayed = try Self.sinkState(
        Self.checkpoint("\(replay.slot(stage, index))/position", name).state, name)
      let path = "\(folder)/slots/\(name)/position"
      var checkpoint = try Self.checkpoint(path, name)
      checkpoint.state = stateAfterReplay(replayed, before: before).encoded()
      var file = try CheckpointFile(path: path)
      _ = try file.load()
      try file.store(checkpoint.encoded(), durably: true)
    }
  }

  static func load(_ path: String) throws -> [UInt8]? {
    var file = try CheckpointFile(path: path)
    return try file.load()
  }

  /// What a sink's slot keeps of itself.
  static func checkpoint(_ path: String, _ name: String) throws -> SinkCheckpoint {
    guard let bytes = try load(path), let checkpoint = try? SinkCheckpoint(decoding: bytes) else {
      throw RunStateError.failed("what \(name) has written is not known: \(path) can't be read")
    }
    return checkpoint
  }

  static func sinkState(_ bytes: [UInt8]?, _ name: String) throws -> SinkState {
    guard let bytes, let state = SinkState(bytes) else {
      throw RunStateError.failed("what \(name) has written is not known: its state is damaged")
    }
    return state
  }
}
