/// The kinds of type that a program may bring and a pipeline file `use`.
package enum UserKind: String, Codable, Sendable, CaseIterable {
  case source, step, sink
}

/// What is wrong with a setting, and where.
package struct SettingProblem: Error, Sendable, Equatable {
  package var message: String
  package var remedy: String
  /// Nil for the settings as a whole.
  package var position: SourcePosition?

  package init(_ message: String, _ remedy: String, at position: SourcePosition?) {
    self.message = message
    self.remedy = remedy
    self.position = position
  }
}

/// What a type of the program says about its settings, and what the plan must know of it.
package struct UserTypeCheck: Sendable {
  package var problems: [SettingProblem] = []
  /// What the file leaves open: key and value as one would write it.
  package var defaults: [(key: String, value: String)] = []
  /// A step that keeps state: it takes custody of what it reads.
  package var keepsState = false
  /// A closure, known only to processes that were forked from the one which made it.
  package var needsFork = false
  /// A source that never ends.
  package var isEndless = false

  package init() {}
}

/// The program's own types, as far as reading a pipeline file needs them.
///
/// Closures, so that a pipeline file can be read without the layers that run it.
package struct UserTypes: Sendable {
  /// The registered names of a kind, in the order of their registration.
  package var names: @Sendable (UserKind) -> [String]
  /// Whether there is one of that name. There may be some that are not among ``names``: a closure has a name for
  /// the pipeline alone that it was written in.
  package var knows: @Sendable (UserKind, String) -> Bool
  /// Makes a value of the type from its settings and lets it go. Called for registered names only.
  package var check: @Sendable (UserKind, UsePlan) -> UserTypeCheck

  package init(
    names: @escaping @Sendable (UserKind) -> [String],
    knows: (@Sendable (UserKind, String) -> Bool)? = nil,
    check: @escaping @Sendable (UserKind, UsePlan) -> UserTypeCheck
  ) {
    self.names = names
    self.knows = knows ?? { names($0).contains($1) }
    self.check = check
  }

  /// A program that brings none.
  package static let none = UserTypes(names: { _ in [] }, check: { _, _ in UserTypeCheck() })
}
