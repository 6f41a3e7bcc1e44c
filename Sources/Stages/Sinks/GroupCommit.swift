/// Decides when a sink makes durable what it has written: durability costs a wait for the disk, which several
/// batches share.
///
/// Pure: times are monotonic nanoseconds that the caller passes in.
package struct GroupCommit: Equatable, Sendable {
  package enum Decision: Equatable, Sendable {
    /// Nothing is written that is not committed.
    case nothing
    /// More may join; ask again at this time, or after the next write.
    case wait(until: UInt64)
    case commit
  }

  /// Nanoseconds after the first uncommitted write at which the group is closed.
  package let longest: UInt64
  /// Uncommitted bytes at which it is.
  package let most: Int
  private var first: UInt64?
  private var bytes = 0

  package init(longest: UInt64 = 25_000_000, most: Int = 8 << 20) {
    self.longest = longest
    self.most = most
  }

  /// A batch was written, be it one of no bytes: its sender waits all the same.
  package mutating func wrote(_ count: Int, at now: UInt64) {
    if first == nil { first = now }
    bytes += count
  }

  package mutating func committed() {
    first = nil
    bytes = 0
  }

  /// What to do when no batch is left to write. It is urgent where somebody waits for the commit before there
  /// can be more to write.
  package func decision(at now: UInt64, isUrgent: Bool) -> Decision {
    guard let first else { return .nothing }
    let end = first.addingReportingOverflow(longest)
    if isUrgent || bytes >= most || (!end.overflow && now >= end.partialValue) { return .commit }
    return .wait(until: end.overflow ? .max : end.partialValue)
  }
}
