/// A plan's declared stages by name, as two plans can be compared: numbers differ where stages have moved.
struct PlanStages {
  /// All of them, the keeper of dead letters too: stages name each other by their places.
  private let stages: [StagePlan]
  private let indices: [String: Int]

  init(_ plan: Plan) {
    stages = plan.stages
    indices = Dictionary(
      stages.enumerated().filter { $0.element.work != .deadLetters }.map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
  }

  subscript(name: String) -> StagePlan? { indices[name].map { stages[$0] } }

  func upstream(of stage: StagePlan) -> [String] { stage.upstream.map { stages[$0].name } }

  /// The stages whose records reach a stage, in the order of the file.
  func ancestors(of name: String) -> [String] {
    var isSeen = Array(repeating: false, count: stages.count)
    var waiting = self[name]?.upstream ?? []
    while let next = waiting.popLast() {
      if isSeen[next] { continue }
      isSeen[next] = true
      waiting += stages[next].upstream
    }
    return stages.indices.filter { isSeen[$0] }.map { stages[$0].name }
  }

  /// Two stages that decide the order in which streams reach a sink, and that stand the other way round in
  /// another plan whose stages are joined in the same way.
  ///
  /// Streams are in order of their sources and, from one source, of the first stages in which their paths
  /// differ: so sources are compared with sources, and the readers of one stage with each other.
  func firstSwap(before sink: String, in other: PlanStages) -> (String, String)? {
    let ancestors = ancestors(of: sink)
    let reaching = Set(ancestors + [sink])
    let forks = ancestors.map { name in
      (self[name]?.downstream ?? []).filter { stages[$0].work != .deadLetters }.sorted().map {
        stages[$0].name
      }
      .filter(reaching.contains)
    }
    let sources = ancestors.filter { self[$0]?.upstream.isEmpty == true }
    for names in [sources] + forks {
      for (first, second) in zip(names, names.dropFirst()) {
        guard let left = other.indices[first], let right = other.indices[second], left > right else {
          continue
        }
        return (first, second)
      }
    }
    return nil
  }
}
