import CPOSIX
import Glibc

/// Who is at the other end of a Unix socket, as the kernel noted it when the connection was made.
package struct PeerCredentials: Equatable, Sendable {
  package var pid: Int32
  package var user: UInt32
  package var group: UInt32

  package init(pid: Int32, user: UInt32, group: UInt32) {
    self.pid = pid
    self.user = user
    self.group = group
  }

  /// Whether it is this process's user, or root.
  package var isOwnUserOrRoot: Bool { user == 0 || user == geteuid() }
}

/// A Unix stream socket that listens at a path. Its file is there for as long as its owner has it.
package struct LocalListener: ~Copyable {
  package let descriptor: Descriptor
  package let path: String

  /// Non-blocking and close-on-exec; the file's mode is 0600. The folder is there, the file is not. Throws
  /// `SystemCallError`: EADDRINUSE where it is, ENAMETOOLONG for a path of more than 107 bytes.
  package init(path: String, backlog: Int32 = 64) throws(SystemCallError) {
    let opened = cposix_local_listen(path, 0o600, backlog)
    guard opened >= 0 else { throw .last("bind", path) }
    descriptor = Descriptor(owning: opened)
    self.path = path
  }

  deinit { unlink(path) }

  /// The next connection, non-blocking; nil when nobody waits. Never waits. Throws `SystemCallError`; EMFILE
  /// and its like leave who waits in the queue.
  package func accept() throws(SystemCallError) -> Descriptor? {
    let accepted = cposix_local_accept(descriptor.raw)
    if accepted >= 0 { return Descriptor(owning: accepted) }
    if errno == EAGAIN { return nil }
    throw .last("accept4", path)
  }
}

extension Descriptor {
  /// Connects to a Unix stream socket. The connection is non-blocking. Throws `SystemCallError`: ECONNREFUSED
  /// where nobody listens, ETIMEDOUT where whoever listens took nobody until the deadline.
  package static func connect(toLocal path: String, until deadline: UInt64) throws(SystemCallError)
    -> Descriptor
  {
    while true {
      let now = MonotonicClock.now()
      let connected = cposix_local_connect(path, deadline > now ? Int64(clamping: deadline - now) : 0)
      if connected >= 0 {
        let socket = Descriptor(owning: connected)
        try socket.setNonblocking()
        return socket
      }
      if errno == EINTR && MonotonicClock.now() < deadline { continue }
      if errno == EAGAIN || errno == EINTR {
        throw SystemCallError("connect", errno: ETIMEDOUT, subject: path)
      }
      throw .last("connect", path)
    }
  }

  /// Who is at the other end of a Unix socket. Throws `SystemCallError`.
  package func peerCredentials() throws(SystemCallError) -> PeerCredentials {
    var found = PeerCredentials(pid: 0, user: 0, group: 0)
    guard cposix_local_peer(raw, &found.pid, &found.user, &found.group) == 0 else {
      throw .last("getsockopt(SO_PEERCRED)", "descriptor \(raw)")
    }
    return found
  }
}
