import Records

/// Why a stage cannot go on, as the user reads it: where, what, and what would be right.
///
/// The text begins with `file:line:` where an input is to blame.
package struct StageFailure: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) { self.description = description }
}
