import CPOSIX
import Glibc
import POSIXKit

/// A process that this one started and answers for: what it says, how it ends, and that it ends.
///
/// Nothing here waits. A loop lists the descriptors (`watch`), waits with its own deadline and then asks for
/// the `facts`. When the child ends, the parent looks without reaping, so that the group's number stays
/// reserved, ends the whole group, and reaps then. An owner that lets go of a running child kills it. For one
/// thread.
package struct StartedProcess: ~Copyable {
  package let name: String
  /// Nil for a program that knows nothing of this library.
  package let method: StartMethod?
  /// Nil until a fork server has told it.
  package internal(set) var pid: Int32?
  /// How it ended, once `ChildFact.exited` was told.
  package internal(set) var exit: ExitStatus?
  var pidfd: Descriptor?
  var control: ControlChannel?
  var standardOutput: Descriptor?
  var standardError: Descriptor?
  let leadsGroup: Bool
  let served: ServedStart?
  /// Ended and buried before it could be watched.
  var vanished = false
  /// Ended, but the fork server has not told how yet.
  var awaitsRelay = false
  /// The last fact was told.
  package internal(set) var isFinished = false

  init(
    name: String, method: StartMethod?, pid: Int32?, leadsGroup: Bool, control: consuming ControlChannel?,
    standardOutput: consuming Descriptor?, standardError: consuming Descriptor?, served: ServedStart? = nil
  ) throws(SystemCallError) {
    self.name = name
    self.method = method
    self.pid = pid
    self.leadsGroup = leadsGroup
    self.control = control
    self.standardOutput = standardOutput
    self.standardError = standardError
    self.served = served
    if let pid {
      do { pidfd = try Self.open(pid) } catch {
        if error.errno == ESRCH {
          // Where SIGCHLD is ignored the kernel buries the children, and this one has ended. The number is not its any
          // more.
          pidfd = nil
          vanished = true
          return
        }
        // A child that can't be watched must not live.
        kill(leadsGroup ? -pid : pid, SIGKILL)
        throw error
      }
      AdoptedProcesses.own(pid)
    } else {
      pidfd = nil
    }
  }

  deinit {
    guard !isFinished else { return }
    if vanished { return }
    // Its zombie is buried by AdoptedProcesses.reap, or by the fork server.
    if let pid {
      kill(leadsGroup ? -pid : pid, SIGKILL)
      AdoptedProcesses.disown(pid)
    }
    served?.giveUp()
  }

  private static func open(_ pid: Int32) throws(SystemCallError) -> Descriptor {
    let raw = cposix_pidfd_open(pid)
    guard raw >= 0 else { throw .last("pidfd_open", "process \(pid)") }
    return Descriptor(owning: raw)
  }

  /// Sends a signal to the process alone, through its pidfd: never to another that got its number. False when
  /// it has ended or is not known yet. Throws `SystemCallError`.
  @discardableResult
  package func signal(_ signal: Int32) throws(SystemCallError) -> Bool {
    let number = lentNumber(pidfd)
    guard number >= 0 else { return false }
    if cposix_pidfd_send_signal(number, signal) == 0 { return true }
    if errno == ESRCH { return false }
    throw .last("pidfd_send_signal", name)
  }

  /// Sends a signal to the process and, where it leads a group, to all that it started. A process that a fork
  /// server has not told of yet gets SIGKILL as soon as it is known. False when it has ended. Throws
  /// `SystemCallError`.
  @discardableResult
  package func signalGroup(_ signal: Int32) throws(SystemCallError) -> Bool {
    guard !isFinished else { return false }
    if vanished { return false }
    guard let pid else {
      served?.killOnceStarted()
      return true
    }
    guard leadsGroup else { return try self.signal(signal) }
    // Not reaped yet, so the number still is this group's.
    if kill(-pid, signal) == 0 { return true }
    if errno == ESRCH { return false }
    throw .last("kill", name)
  }

  /// Queues a message for the child and sends what goes now; `watch` sees to the rest. Throws `ControlError`.
  package mutating func send(_ message: [UInt8]) throws(ControlError) {
    guard control != nil else { throw .closed }
    try control!.send(message)
  }

  /// For the copy in a forked child, which is not its parent: whatever becomes of the copy, the process is left
  /// alone. Closes what this one inherited of it.
  mutating func forget() {
    isFinished = true
    pidfd = nil
    control = nil
    standardOutput = nil
    standardError = nil
  }

  /// Closes the parent's end of the control channel: the child sees the end of the stream.
  package mutating func closeControl() { control = nil }
}
