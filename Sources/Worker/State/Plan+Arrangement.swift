import PipelineFile

extension Plan {
  /// This plan with its stages in the order of another, which it may follow on; new ones come last.
  ///
  /// Slots and branches are numbered by that order, so that everything stored under the old plan keeps its
  /// meaning when stages move in the file.
  package func arranged(like old: Plan) -> Plan {
    if let keeper = old.stages.first(where: { $0.work == .deadLetters }),
      !stages.contains(where: { $0.work == .deadLetters })
    {
      // Kept, though nobody sends to it, so that the stages behind it keep their numbers.
      var plan = self
      plan.stages.append(keeper)
      plan.stages[plan.stages.count - 1].upstream = []
      return plan.arranged(like: old)
    }
    let order = old.stages.compactMap { stage in stages.firstIndex { $0.name == stage.name } }
    let whole = order + stages.indices.filter { !order.contains($0) }
    var places = Array(repeating: 0, count: stages.count)
    for (place, index) in whole.enumerated() { places[index] = place }
    var plan = self
    plan.stages = whole.map { index in
      var stage = stages[index]
      stage.upstream = stage.upstream.map { places[$0] }.sorted()
      stage.downstream = stage.downstream.map { places[$0] }.sorted()
      return stage
    }
    return plan
  }

  /// This plan with the input files of another: what a run began with is what it reads.
  package func reading(filesOf old: Plan) -> Plan {
    var plan = self
    for index in plan.stages.indices {
      guard case .source(var source) = plan.stages[index].work,
        let earlier = old.stages.first(where: { $0.name == plan.stages[index].name }),
        case .source(let before) = earlier.work
      else { continue }
      source.files = before.files
      plan.stages[index].work = .source(source)
    }
    return plan
  }
}
