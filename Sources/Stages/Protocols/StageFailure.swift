import Records

/// Why a stage cannot go on, as the user reads it: where, what, and what would be right.
///
/// The text begins with `file:line:` where an input is to blame.
package struct StageFailure: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String
  /// It may be otherwise in a while: the worker ends, and is started again as its stage's `restart` says. What
  /// it had in hand is not to blame. Otherwise the run ends.
  package var mayPass: Bool

  package init(_ description: String, mayPass: Bool = false) {
    self.description = description
    self.mayPass = mayPass
  }
}
