/// The time that a worker gives away for being looked at: a fiftieth of what passes, saved up for a while.
///
/// Measured, not estimated: whatever a record costs, the stream loses no more than this share.
package struct TapBudget: Sendable {
  private static let share: UInt64 = 50
  /// Nanoseconds that may be spent at once: the most that a batch is held up.
  private static let mostSaved: Int64 = 5_000_000

  private var saved = Self.mostSaved
  private var last: UInt64

  package init(now: UInt64) { last = now }

  /// Until when (monotonic nanoseconds) work that begins now may go on; nil where nothing is left to spend.
  package mutating func allowance(now: UInt64) -> UInt64? {
    let passed = now > last ? now - last : 0
    last = max(now, last)
    saved = min(Self.mostSaved, saved + Int64(clamping: passed / Self.share))
    return saved > 0 ? now + UInt64(saved) : nil
  }

  /// Takes off what was spent since an allowance was given, however much it was.
  package mutating func spend(from start: UInt64, to end: UInt64) {
    saved -= end > start ? Int64(clamping: end - start) : 0
  }
}
