import Glibc
import POSIXKit

/// Tells the service manager that started this process how it is, over the datagram socket that NOTIFY_SOCKET
/// names: systemd's, or whoever speaks its protocol (sd_notify(3)).
///
/// Never waits. A manager that is gone or does not read costs what it would have been told, never the run.
package final class ServiceNotifier {
  /// Nanoseconds until what the manager had no room for is offered again.
  private static let patience: UInt64 = 100_000_000
  /// Datagrams that may wait for room: readiness and the end, and the latest of the rest.
  private static let mostWaiting = 16

  private let address: ServiceAddress
  private let socket: Descriptor
  private var machine: ServiceStateMachine
  private var waiting: [String] = []
  private var retryAt: UInt64?

  /// Takes the manager's variables out of the environment, so that no worker speaks for the run, and makes a
  /// notifier of them; nil where no manager listens or its address is none.
  package static func takeFromEnvironment() -> ServiceNotifier? {
    func take(_ name: String) -> String? {
      let value = getenv(name).map { String(cString: $0) }
      unsetenv(name)
      return value
    }
    let path = take("NOTIFY_SOCKET")
    let microseconds = take("WATCHDOG_USEC").flatMap { UInt64($0) }
    let isMeant = take("WATCHDOG_PID").map { Int32($0) == getpid() } ?? true
    let watchdog = isMeant ? microseconds.flatMap { $0 > 0 ? $0 : nil } : nil
    return path.flatMap { ServiceNotifier(path: $0, watchdogMicroseconds: watchdog) }
  }

  /// `path` is absolute, or an abstract name behind an `@`; nil for another.
  package init?(path: String, watchdogMicroseconds: UInt64?) {
    guard let address = ServiceAddress(path) else { return nil }
    let kind = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let opened = Glibc.socket(AF_UNIX, kind, 0)
    if opened < 0 { return nil }
    self.address = address
    socket = Descriptor(owning: opened)
    machine = ServiceStateMachine(
      watchdog: watchdogMicroseconds.map { $0.multipliedReportingOverflow(by: 1000) }.map {
        $0.overflow ? .max : $0.partialValue
      }, now: MonotonicClock.now())
  }

  /// When ``look(isReady:isStopping:health:)`` must be called at the latest.
  package var nextDeadline: UInt64? { MonotonicClock.nearest(machine.nextDeadline, retryAt) }

  package func look(isReady: Bool, isStopping: Bool, health: String) {
    let now = MonotonicClock.now()
    waiting += machine.look(isReady: isReady, isStopping: isStopping, health: health, now: now)
    if waiting.count > Self.mostWaiting {
      // What matters is kept; of the others the latest say most.
      let least = waiting.firstIndex { !$0.hasPrefix("READY=1") && !$0.hasPrefix("STOPPING=1") }
      waiting.remove(at: least ?? 0)
    }
    retryAt = nil
    while let next = waiting.first {
      if !address.send(next, through: socket.raw) {
        retryAt = now + Self.patience
        return
      }
      waiting.removeFirst()
    }
  }
}
