import Glibc

/// Time in nanoseconds since the machine started, sleep excluded (`CLOCK_MONOTONIC`). The same in all
/// processes of the machine. Deadlines are values of this clock.
package enum MonotonicClock {
  /// Nanoseconds. Any thread may call it.
  package static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// The moment that lies so far ahead of now; the end of time where that overflows.
  package static func deadline(after span: Duration) -> UInt64 {
    later(now(), by: span)
  }

  /// A moment moved ahead; the end of time where that overflows.
  package static func later(_ moment: UInt64, by span: Duration) -> UInt64 {
    let (sum, overflow) = moment.addingReportingOverflow(span.wholeNanoseconds)
    return overflow ? .max : sum
  }

  /// The nearer of two deadlines; nil is one that never comes.
  package static func nearest(_ a: UInt64?, _ b: UInt64?) -> UInt64? {
    guard let a else { return b }
    guard let b else { return a }
    return min(a, b)
  }
}

extension Duration {
  /// Nanoseconds: 0 for negative spans, the largest number for too long ones.
  package var wholeNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    if seconds < 0 || attoseconds < 0 { return 0 }
    let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return .max }
    let (sum, over) = whole.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
    return over ? .max : sum
  }
}
