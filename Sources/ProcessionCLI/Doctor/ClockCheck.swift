import POSIXKit

/// Whether time passes as it should.
package struct ClockFacts: Sendable {
  /// Nanoseconds since 1970.
  package var wall: UInt64
  /// Nanoseconds that it takes to ask for the time.
  package var cost: UInt64
  /// `tsc`, `kvm-clock`; nil where the kernel does not tell.
  package var source: String?

  package init(wall: UInt64, cost: UInt64, source: String?) {
    self.wall = wall
    self.cost = cost
    self.source = source
  }

  static func probe() -> ClockFacts {
    let asked: UInt64 = 1000
    let started = MonotonicClock.now()
    for _ in 1..<asked { _ = MonotonicClock.now() }
    let took = MonotonicClock.now() - started
    let source = try? textOfSystemFile("/sys/devices/system/clocksource/clocksource0/current_clocksource")
    return ClockFacts(
      wall: WallClock.now(), cost: took / asked,
      source: source?.split(separator: "\n").first.map(String.init))
  }

  /// 1 January 2025: this program is younger.
  private static let youngest: UInt64 = 1_735_689_600_000_000_000
  private static let slow: UInt64 = 1000

  package var check: DoctorCheck {
    let name = "clock"
    if wall < Self.youngest {
      return .warning(
        name, "the clock says \(WallClock.text(wall)), which is past",
        "set it (timedatectl set-ntp true): the times of logs and dead letters are wrong")
    }
    let shown = "\(cost) ns to ask for the time\(source.map { ", from \($0)" } ?? "")"
    if cost > Self.slow {
      return .warning(
        name, shown, "a virtual machine without a fast clock source slows everything; try clocksource=tsc")
    }
    return .ok(name, shown)
  }
}
