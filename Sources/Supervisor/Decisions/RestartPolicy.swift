/// When a dead worker is replaced, and how long to wait first.
///
/// The terms are Erlang/OTP's: more than `max` restarts within `window` end the pipeline.
package struct RestartPolicy: Hashable, Sendable {
  package enum Kind: Hashable, Sendable { case always, onFailure, never }
  /// What follows from more than `max` restarts within `window`.
  package enum Exceeded: Hashable, Sendable {
    /// The pipeline ends.
    case stop
    /// The slot is left alone where the others can go on without it.
    case park
  }

  package var kind: Kind
  package var max: Int
  /// All times in nanoseconds.
  package var window: UInt64
  package var firstBackoff: UInt64
  package var lastBackoff: UInt64
  package var exceeded: Exceeded

  package init(
    kind: Kind, max: Int, window: UInt64, firstBackoff: UInt64, lastBackoff: UInt64,
    exceeded: Exceeded = .stop
  ) {
    self.kind = kind
    self.max = max
    self.window = window
    self.firstBackoff = firstBackoff
    self.lastBackoff = lastBackoff
    self.exceeded = exceeded
  }

  /// The delay before a restart that follows `failures` others in a row: doubled each time, then drawn
  /// between half and all of it, so that workers which died together do not come back together.
  package func backoff(failures: Int, random: UInt64) -> UInt64 {
    let shift = min(failures, 32)
    let (doubled, overflow) = firstBackoff.multipliedReportingOverflow(by: 1 << UInt64(shift))
    let ceiling = overflow ? lastBackoff : min(doubled, lastBackoff)
    let half = ceiling / 2
    return half + (half == 0 ? 0 : random % (half + 1))
  }
}

/// The deaths of one slot that count against its restart intensity.
package struct RestartHistory: Hashable, Sendable {
  /// Times of the restarts within the window, oldest first.
  private var recent: [UInt64] = []
  /// Deaths in a row without a healthy time between them.
  private var failures = 0

  package init() {}

  package enum Verdict: Hashable, Sendable {
    /// Restart after `delay`: number `count` of `max` within the window.
    case restart(delay: UInt64, count: Int)
    case tooMany
    /// The policy does not replace a worker that left with this status.
    case refused
  }

  /// Judges a death. A life longer than the window is healthy and resets the backoff.
  package mutating func died(
    status: Int32, uptime: UInt64, policy: RestartPolicy, now: UInt64, random: UInt64
  ) -> Verdict {
    switch policy.kind {
    case .never: return .refused
    case .onFailure where status == 0: return .refused
    case .onFailure, .always: break
    }
    if uptime >= policy.window { failures = 0 }
    recent.removeAll { now - $0 >= policy.window }
    if recent.count >= policy.max { return .tooMany }
    recent.append(now)
    defer { failures += 1 }
    return .restart(
      delay: policy.backoff(failures: failures, random: random), count: recent.count)
  }
}
