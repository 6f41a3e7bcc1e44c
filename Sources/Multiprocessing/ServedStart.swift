import CPOSIX
import Glibc
import POSIXKit

/// One start through a fork server, seen from the parent: the server's handle writes what it is told, the
/// `StartedProcess` reads it.
final class ServedStart {
  let id: UInt64
  let name: String
  weak var server: ForkServer?
  var failure: StartError?
  var exit: ExitObservation?
  /// The server is gone and its children are ours.
  var serverEnded = false
  /// Nobody holds the child any more.
  var abandoned = false
  private var killWhenStarted = false
  private var pid: Int32?
  private var pidfd: Descriptor?

  init(id: UInt64, name: String, server: ForkServer) {
    self.id = id
    self.name = name
    self.server = server
  }

  /// The server's report. The child is killed where nobody wants it any more.
  func started(_ pid: Int32, pidfd: consuming Descriptor) {
    if killWhenStarted || abandoned { Self.kill(pid, pidfd: pidfd.raw) }
    if abandoned { return }
    AdoptedProcesses.own(pid)
    self.pid = pid
    self.pidfd = consume pidfd
  }

  /// Kills the child as soon as it is known: now, where the report has come and its owner has not read it yet.
  func killOnceStarted() {
    killWhenStarted = true
    if let pid, pidfd != nil { Self.kill(pid, pidfd: lentNumber(pidfd)) }
  }

  private static func kill(_ pid: Int32, pidfd: Int32) {
    Glibc.kill(-pid, SIGKILL)
    _ = cposix_pidfd_send_signal(pidfd, SIGKILL)
  }

  func takeStarted() -> Int32? { pid }

  func takePidfd() -> Descriptor? { pidfd.take() }

  /// The server may reap.
  func acknowledgeExit() { server?.acknowledge(id) }

  /// The owner let go of a child that has not ended: whatever still comes needs no report.
  func giveUp() {
    abandoned = true
    if let pid {
      Glibc.kill(-pid, SIGKILL)
      AdoptedProcesses.disown(pid)
    }
    if pidfd != nil { _ = cposix_pidfd_send_signal(lentNumber(pidfd), SIGKILL) }
    if exit != nil { acknowledgeExit() }
  }
}
