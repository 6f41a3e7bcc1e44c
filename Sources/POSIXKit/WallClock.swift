import Glibc

/// The time of day, for what people read later. Never for deadlines: it may jump.
package enum WallClock {
  /// Nanoseconds since 1970.
  package static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// `2026-11-22T23:41:05.123Z` for nanoseconds since 1970.
  package static func text(_ nanoseconds: UInt64) -> String {
    var seconds = time_t(nanoseconds / 1_000_000_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func digits(_ value: Int, _ width: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    let day = [
      digits(Int(parts.tm_year) + 1900, 4), digits(Int(parts.tm_mon) + 1, 2), digits(Int(parts.tm_mday), 2),
    ]
    let hour = [Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)].map { digits($0, 2) }
    let milliseconds = digits(Int(nanoseconds / 1_000_000 % 1000), 3)
    return "\(day.joined(separator: "-"))T\(hour.joined(separator: ":")).\(milliseconds)Z"
  }
}
