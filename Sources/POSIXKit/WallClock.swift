import Glibc

/// The time of day, for what people read later. Never for deadlines: it may jump.
package enum WallClock {
  /// Nanoseconds since 1970.
  package static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
