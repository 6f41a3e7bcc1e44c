/// What a service manager is told, and when: readiness, health, life, and that the end has begun. Pure.
///
/// Facts and time go in, datagrams of sd_notify(3) come out.
package struct ServiceStateMachine: Sendable {
  /// Health may change with every death; a manager needs no more than this many nanoseconds between two lines.
  package static let statusInterval: UInt64 = 1_000_000_000

  /// Nanoseconds between two signs of life; nil where nobody waits for them.
  private let watchdogInterval: UInt64?
  private var nextWatchdog: UInt64?
  private var isReady = false
  private var isStopping = false
  private var told = ""
  private var wanted = ""
  private var statusFrom: UInt64 = 0

  /// `watchdog`: nanoseconds after which the manager takes a silent service for dead. A sign goes out after half
  /// of that.
  package init(watchdog: UInt64?, now: UInt64) {
    watchdogInterval = watchdog.map { max($0 / 2, 1_000_000) }
    nextWatchdog = watchdogInterval.map { now + $0 }
  }

  /// When ``look(isReady:isStopping:health:now:)`` must be called at the latest.
  package var nextDeadline: UInt64? {
    [nextWatchdog, wanted == told ? nil : statusFrom].compactMap { $0 }.min()
  }

  /// Each datagram in the order in which it is to be sent.
  package mutating func look(isReady: Bool, isStopping: Bool, health: String, now: UInt64) -> [String] {
    var datagrams: [String] = []
    wanted = Self.oneLine(health)
    if isReady && !self.isReady {
      self.isReady = true
      datagrams.append("READY=1\n\(status(now))")
    }
    if isStopping && !self.isStopping {
      self.isStopping = true
      datagrams.append("STOPPING=1\n\(status(now))")
    }
    if wanted != told && statusFrom <= now { datagrams.append(status(now)) }
    if let interval = watchdogInterval, let next = nextWatchdog, next <= now {
      nextWatchdog = now + interval
      datagrams.append("WATCHDOG=1")
    }
    return datagrams
  }

  private mutating func status(_ now: UInt64) -> String {
    told = wanted
    statusFrom = now + Self.statusInterval
    return "STATUS=\(told)"
  }

  /// A newline would begin another assignment.
  private static func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }
}
