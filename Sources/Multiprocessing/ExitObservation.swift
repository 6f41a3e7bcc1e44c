import CPOSIX
import Glibc
import POSIXKit

/// One exit that the kernel told of.
struct ExitObservation: Equatable, Sendable {
  var pid: Int32
  var status: ExitStatus
  var usage: ResourceUsage

  /// What to look at.
  enum Subject {
    case anyChild
    case pid(Int32)
    case pidfd(Int32)
  }

  /// What a look found.
  enum Result: Equatable {
    case exited(ExitObservation)
    case running
    /// Not a child of this process (yet): a fork server's, or reaped already.
    case notOurs
  }

  /// Looks for an exit without waiting and, unless `reap`, leaves the zombie: its pid and group stay
  /// reserved. Throws `SystemCallError`.
  static func look(at subject: Subject, reap: Bool) throws(SystemCallError) -> Result {
    var ended = cposix_exit()
    let found =
      switch subject {
      case .anyChild: cposix_wait(cposix_wait_any, 0, reap ? 1 : 0, &ended)
      case .pid(let pid): cposix_wait(cposix_wait_pid, pid, reap ? 1 : 0, &ended)
      case .pidfd(let descriptor): cposix_wait(cposix_wait_pidfd, descriptor, reap ? 1 : 0, &ended)
      }
    if found < 0 {
      if errno == ECHILD { return .notOurs }
      throw .last("waitid", "\(subject)")
    }
    return found == 0 ? .running : .exited(ExitObservation(ended))
  }

  private init(_ ended: cposix_exit) {
    pid = ended.pid
    status = ExitStatus(code: ended.status)
    usage = ResourceUsage(
      userMicroseconds: ended.user_microseconds, systemMicroseconds: ended.system_microseconds,
      peakResidentBytes: ended.peak_resident_bytes, dumpedCore: ended.dumped_core != 0)
  }

  init(pid: Int32, status: ExitStatus, usage: ResourceUsage) {
    self.pid = pid
    self.status = status
    self.usage = usage
  }
}
