/// What a worker is told to send copies of, and where to.
package struct TapOrder: Hashable, Sendable {
  /// What comes in, instead of what goes out.
  package var isInput: Bool
  /// One record in so many; 1 for all.
  package var sample: UInt64
  /// Of a datagram socket that the reader has bound; it also names the tap.
  package var path: String

  package init(isInput: Bool, sample: UInt64, path: String) {
    self.isInput = isInput
    self.sample = sample
    self.path = path
  }
}
