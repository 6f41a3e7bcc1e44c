/// One thing that is wrong, or doubtful, in a pipeline file, and what would be right.
package struct Diagnostic: Error, Sendable, Equatable {
  package enum Severity: String, Sendable, Equatable {
    case error, warning
  }
  package var severity: Severity
  /// Line 0 stands for the file as a whole.
  package var position: SourcePosition
  /// What is wrong.
  package var message: String
  /// What would be right; may be empty.
  package var remedy: String
  /// The line of the file that `position` names; nil for the file as a whole.
  package var sourceLine: String?

  package init(
    severity: Severity, position: SourcePosition, message: String, remedy: String, sourceLine: String?
  ) {
    self.severity = severity
    self.position = position
    self.message = message
    self.remedy = remedy
    self.sourceLine = sourceLine
  }
}

/// All that is wrong with a pipeline file, in the order of the file; at least one is an error.
package struct PipelineErrors: Error, Sendable, Equatable, CustomStringConvertible {
  package var diagnostics: [Diagnostic]

  package var description: String {
    diagnostics.map { $0.rendered }.joined(separator: "\n")
  }
}
