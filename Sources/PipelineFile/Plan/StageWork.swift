package enum StageWork: Codable, Sendable, Equatable {
  case source(FileSourcePlan)
  /// A source that the program brings.
  case userSource(UserSourcePlan)
  case steps([StepPlan])
  /// A step that keeps state, and takes custody of what it reads.
  case custody(UsePlan)
  case sink(SinkPlan)
  /// Puts dead letters back in, in a replay.
  case letters(LetterSourcePlan)
  /// The implicit stage that stores what other stages could not work on.
  case deadLetters
}

extension StageWork {
  /// Whether it reads from outside what the pipeline is about; a replay's letters do not count.
  package var isSource: Bool {
    switch self {
    case .source, .userSource: true
    case .steps, .custody, .sink, .letters, .deadLetters: false
    }
  }

  /// Whether it never ends by itself.
  package var isEndless: Bool {
    switch self {
    case .source(let source): source.follow
    case .userSource(let source): source.isEndless
    case .steps, .custody, .sink, .letters, .deadLetters: false
    }
  }
}
