extension Plan {
  /// Why letters can't be put back in behind what the sinks of another plan's run have written.
  ///
  /// Nothing but the sinks must be the same: what stands above may have been mended so that the letters pass.
  package func sinkChanges(since old: Plan) -> [PlanChange] {
    changes(since: old) { stage in
      if case .sink = stage.work { return true }
      return false
    }
  }

  /// Why a replay that was begun under `old` can't be gone on with under this plan; both were made by
  /// ``replaying(_:)``.
  ///
  /// Its stages must be joined as they were, and their keys the same; the programs of its steps are free.
  package func replayChanges(since old: Plan) -> [PlanChange] {
    let oldStages = PlanStages(old)
    let stages = PlanStages(self)
    var changes = changes(since: old) { _ in true }
    for before in old.declaredStages {
      guard let after = stages[before.name] else {
        changes.append(
          PlanChange(effect: .prevents, message: "stage '\(before.name)' is gone", position: nil))
        continue
      }
      if oldStages.upstream(of: before) != stages.upstream(of: after) {
        changes.append(
          PlanChange(
            effect: .prevents, message: "stage '\(after.name)' reads others than before",
            position: after.position))
      }
    }
    return changes
  }

  /// Changes of the stages that matter, in the order of the file; a new one is one.
  private func changes(since old: Plan, matters: (StagePlan) -> Bool) -> [PlanChange] {
    let oldStages = PlanStages(old)
    return declaredStages.filter(matters).flatMap { after -> [PlanChange] in
      guard let before = oldStages[after.name] else {
        return [
          PlanChange(effect: .prevents, message: "stage '\(after.name)' is new", position: after.position)
        ]
      }
      let comparison = StageChanges(
        old: before, new: after, oldFolder: old.directory, newFolder: directory, oldVars: old.vars,
        newVars: vars)
      return comparison.besidesSteps.map {
        PlanChange(effect: .prevents, message: $0.message, position: $0.at)
      }
    }
  }
}
