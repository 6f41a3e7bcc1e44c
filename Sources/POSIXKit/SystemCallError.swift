import CPOSIX
import Glibc

/// A system call that failed: which, why, and on what.
///
/// The text follows swift-nio's `FileSystemError`: what could not be done, then the call and the number.
package struct SystemCallError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The name of the system call.
  package var call: String
  /// The error number that it set.
  package var errno: Int32
  /// What it was about: a path, a process, a slot. Empty where there is nothing to name.
  package var subject: String

  package init(_ call: String, errno: Int32, subject: String = "") {
    self.call = call
    self.errno = errno
    self.subject = subject
  }

  /// Takes the error number of the call that just failed; nothing may run in between.
  package static func last(_ call: String, _ subject: String = "") -> SystemCallError {
    SystemCallError(call, errno: Glibc.errno, subject: subject)
  }

  /// `ENOENT` for 2.
  package var name: String {
    cposix_error_name(errno).map { String(cString: $0) } ?? "unknown"
  }

  package var description: String {
    let cause = "'\(call)' system call failed with '(\(errno)) \(name)'."
    let about = subject.isEmpty ? "" : " '\(subject)'"
    return "Unable to \(purpose)\(about): \(reason). \(cause)"
  }

  private var purpose: String {
    switch call {
    case "openat": "open"
    case "pread": "read"
    case "pwrite", "writev": "write"
    case "fork", "posix_spawn": "start"
    case "waitid", "pidfd_open": "watch"
    case "kill", "pidfd_send_signal": "signal"
    case "ppoll": "wait for"
    case "fcntl(F_OFD_SETLK)": "lock"
    case "sendmsg": "send to"
    case "recvmsg": "receive from"
    case "fstat": "get information about"
    case "connect": "connect to"
    case "bind": "listen at"
    case "accept4": "accept a connection at"
    default: call
    }
  }

  private var reason: String {
    switch errno {
    case EMFILE:
      "the process has no descriptor left (RLIMIT_NOFILE is \(DescriptorLimit.current))"
    case ENFILE: "the machine has no descriptor left"
    case ENOENT: "it does not exist"
    case EACCES: "access is denied"
    case EPERM: "it is not permitted"
    case ENOSPC: "the device is full"
    case EBADF: "it is closed, or not open for this"
    case EPIPE: "the other side is gone"
    case EISDIR: "it is a directory"
    case ECONNREFUSED: "nobody listens there"
    case ENAMETOOLONG where call == "bind" || call == "connect":
      "a socket's path has at most \(UnixAddress.longestPath) bytes, and this one has \(subject.utf8.count)"
    case EADDRINUSE: "something is there already"
    default: String(cString: strerror(errno))
    }
  }
}
