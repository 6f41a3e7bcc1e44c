/// What is said of a drain: what is in flight when it begins, every five seconds while it lasts, and what is
/// left when it ends. Pure.
package struct DrainStateMachine: Sendable {
  package static let interval: UInt64 = 5_000_000_000

  package enum Word: Hashable, Sendable {
    case began
    /// It lasts.
    case goesOn(since: UInt64)
    case ended(after: UInt64)
  }

  package init() {}

  private var beganAt: UInt64?
  private var hasEnded = false
  /// When ``look(isDraining:now:)`` must be called at the latest; nil where no drain goes on.
  package private(set) var nextWord: UInt64?

  /// Returns what is to be said now. `isDraining` stays true to the end of a drained run.
  package mutating func look(isDraining: Bool, now: UInt64) -> Word? {
    guard isDraining, !hasEnded else {
      nextWord = nil
      return nil
    }
    if let next = nextWord, next > now { return nil }
    nextWord = now + Self.interval
    if let beganAt { return .goesOn(since: now - beganAt) }
    beganAt = now
    return .began
  }

  /// The run has ended.
  package mutating func ended(now: UInt64) -> Word? {
    guard let beganAt, !hasEnded else { return nil }
    hasEnded = true
    nextWord = nil
    return .ended(after: now - beganAt)
  }
}
