import CPOSIX
import POSIXKit
import Synchronization

/// Processes that this one did not start but has to bury: what dead workers left behind.
///
/// As a subreaper a supervisor becomes the parent of every orphan below it. That keeps the statuses of a dead
/// fork server's children true, and hands it the external programs of dead workers, ended but unreaped.
package enum AdoptedProcesses {
  private static let owned = Mutex<Set<Int32>>([])

  /// Makes this process the one that adopts orphans among its descendants, and un-ignores SIGCHLD. To be
  /// called once, before the first start. Throws `SystemCallError`.
  package static func becomeSubreaper() throws(SystemCallError) {
    guard cposix_become_subreaper() == 0 else { throw .last("prctl(PR_SET_CHILD_SUBREAPER)") }
  }

  /// Reaps ended children that no `StartedProcess` owns and returns how many there were. Never waits. Call it
  /// when SIGCHLD arrives and after each `ChildFact.exited`. Throws `SystemCallError`.
  @discardableResult
  package static func reap() throws(SystemCallError) -> Int {
    var count = 0
    while case .exited(let seen) = try ExitObservation.look(at: .anyChild, reap: false) {
      // An owned one hides those behind it until its owner has reaped it and calls again.
      if owned.withLock({ $0.contains(seen.pid) }) { break }
      _ = try ExitObservation.look(at: .pid(seen.pid), reap: true)
      count += 1
    }
    return count
  }

  static func isOwned(_ pid: Int32) -> Bool { owned.withLock { $0.contains(pid) } }
  static func own(_ pid: Int32) { owned.withLock { _ = $0.insert(pid) } }
  static func disown(_ pid: Int32) { owned.withLock { _ = $0.remove(pid) } }
  static func disownAll() { owned.withLock { $0 = [] } }
}
