import CPOSIX
import Glibc

/// Watches any process for its end, child or not, through a pidfd: never another that got its number.
package struct ProcessWatch: ~Copyable {
  package let pid: Int32
  /// Readable once the process has ended, reaped or not.
  package let descriptor: Descriptor

  /// Throws `SystemCallError`; ESRCH when there is no such process.
  package init(_ pid: Int32) throws(SystemCallError) {
    let raw = cposix_pidfd_open(pid)
    guard raw >= 0 else { throw .last("pidfd_open", "process \(pid)") }
    self.pid = pid
    descriptor = Descriptor(owning: raw)
  }

  /// Waits for its end until the deadline (of `MonotonicClock`). False when the deadline came first. Throws
  /// `SystemCallError`.
  package func waitForEnd(until deadline: UInt64) throws(SystemCallError) -> Bool {
    try Poller.wait(for: descriptor.raw, until: deadline)
  }

  /// Sends a signal to that very process. False when it has ended. Throws `SystemCallError`.
  @discardableResult
  package func signal(_ signal: Int32) throws(SystemCallError) -> Bool {
    if cposix_pidfd_send_signal(descriptor.raw, signal) == 0 { return true }
    if errno == ESRCH { return false }
    throw .last("pidfd_send_signal", "process \(pid)")
  }
}
