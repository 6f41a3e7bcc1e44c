extension Plan {
  /// What has changed since a state was made under `old`: all that prevents going on with it or, where
  /// nothing does, what is worth telling. Empty if it just goes on.
  ///
  /// A state holds how far each sink has committed what came from each source by each path, so sources, sinks
  /// and all between them must be what they were. Free are: workers of steps without a key, `restart`,
  /// `strategy`, limits such as `memory`, `on_error`, `attempts`, `deadline`, `dead_letters`, start methods, secrets, variables that no program
  /// uses, `existing`, places in the file, the order of stages where it decides nothing, and stages that are
  /// added without changing what another one reads. Changed input files are not told: only their pattern is
  /// compared.
  package func changes(since old: Plan) -> [PlanChange] {
    var changes: [PlanChange] = []
    func prevent(_ message: String, at position: SourcePosition? = nil) {
      changes.append(PlanChange(effect: .prevents, message: message, position: position))
    }
    if name != old.name {
      prevent("the pipeline is \(quoted(name)), and the state is that of \(quoted(old.name))")
    }
    if directory != old.directory {
      prevent("the pipeline's folder is \(quoted(directory)) now, and was \(quoted(old.directory))")
    }
    let stages = PlanStages(self)
    let oldStages = PlanStages(old)
    var areJoinedTheSame = true
    for before in old.declaredStages {
      guard let after = stages[before.name] else {
        prevent("stage '\(before.name)' is gone")
        areJoinedTheSame = false
        continue
      }
      let comparison = StageChanges(
        old: before, new: after, oldFolder: old.directory, newFolder: directory, oldVars: old.vars,
        newVars: vars)
      changes += comparison.all.map { PlanChange(effect: .prevents, message: $0.message, position: $0.at) }
      let (read, reads) = (oldStages.upstream(of: before), stages.upstream(of: after))
      if Set(read) != Set(reads) {
        areJoinedTheSame = false
        // A stage that is a source now, or was one, has been told of.
        if read.isEmpty || reads.isEmpty { continue }
        let named = reads.map { "'\($0)'" }.joined(separator: ", ")
        prevent(
          "stage '\(after.name)' reads \(named) now, and read "
            + read.map { "'\($0)'" }.joined(separator: ", "), at: after.position)
      }
    }
    if areJoinedTheSame {
      for sink in old.declaredStages where sink.mayMerge {
        guard let (first, second) = oldStages.firstSwap(before: sink.name, in: stages) else { continue }
        prevent(
          "stage '\(sink.name)' gets what comes by '\(second)' before what comes by '\(first)' now; "
            + "their order in the file was the other", at: stages[sink.name]?.position)
      }
    }
    return changes.isEmpty ? notes(since: oldStages, stages) : changes
  }

  private func notes(since old: PlanStages, _ stages: PlanStages) -> [PlanChange] {
    declaredStages.compactMap { stage in
      if old[stage.name] != nil { return nil }
      let isFed = stages.ancestors(of: stage.name).contains { old[$0] != nil }
      if stage.work.isSource {
        return PlanChange(
          effect: .note, message: "stage '\(stage.name)' is new: it reads from the beginning",
          position: stage.position)
      }
      // What only new sources feed misses nothing.
      guard isFed else { return nil }
      return PlanChange(
        effect: .note, message: "stage '\(stage.name)' is new: it gets what is read from now on",
        position: stage.position)
    }
  }
}

extension StagePlan {
  /// Whether the order of what comes to it by several paths may be that of the file.
  fileprivate var mayMerge: Bool {
    switch work {
    case .sink, .custody: true
    case .source, .userSource, .steps, .letters, .deadLetters: false
    }
  }
}
