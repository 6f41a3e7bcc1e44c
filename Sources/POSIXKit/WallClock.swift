import Glibc

/// The time of day, for what people read later. Never for deadlines: it may jump.
package enum WallClock {
  /// Nanoseconds since 1970.
  package static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// `2026-11-22T23:41:05.123Z` for nanoseconds since 1970; `precise` writes microseconds.
  package static func text(_ nanoseconds: UInt64, precise: Bool = false) -> String {
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
    let fraction =
      precise
      ? digits(Int(nanoseconds / 1000 % 1_000_000), 6) : digits(Int(nanoseconds / 1_000_000 % 1000), 3)
    return "\(day.joined(separator: "-"))T\(hour.joined(separator: ":")).\(fraction)Z"
  }

  /// Nanoseconds since 1970 of a text as ``text(_:precise:)`` makes it, with any number of decimals; nil for
  /// another.
  package static func time(of text: String) -> UInt64? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z"), bytes[10] == UInt8(ascii: "T") else {
      return nil
    }
    func number(_ range: Range<Int>) -> Int32? { Int32(String(decoding: bytes[range], as: UTF8.self)) }
    var parts = tm()
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19)
    else { return nil }
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1900, month - 1, day)
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (hour, minute, second)
    let seconds = timegm(&parts)
    guard seconds >= 0 else { return nil }
    var nanoseconds: UInt64 = 0
    if bytes.count > 20 {
      let decimals = bytes[20..<bytes.count - 1]
      guard bytes[19] == UInt8(ascii: "."), decimals.allSatisfy({ (48...57).contains($0) }) else {
        return nil
      }
      for place in 0..<9 {
        nanoseconds = nanoseconds * 10 + (place < decimals.count ? UInt64(decimals[20 + place] - 48) : 0)
      }
    }
    return UInt64(seconds) * 1_000_000_000 + nanoseconds
  }
}
