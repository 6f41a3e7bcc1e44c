/// A value that the file left open and that was filled in.
package struct AppliedDefault: Sendable, Equatable {
  /// What it belongs to, such as `stage 'clean'`.
  package var owner: String
  package var key: String
  package var value: String
}
