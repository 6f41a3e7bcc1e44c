import Glibc

/// A Unix datagram socket: whole messages that are dropped rather than waited for.
///
/// For one thread.
package struct DatagramSocket: ~Copyable, Sendable {
  /// What one send did.
  package enum SendResult: Equatable, Sendable {
    case sent
    /// The other side has no room now, or the machine has no memory.
    case full
    /// Nobody holds the other end any more.
    case gone
  }

  package let descriptor: Descriptor

  private init(_ path: String, _ name: String, _ attach: AttachCall) throws(SystemCallError) {
    guard let address = UnixAddress(path: path) else {
      throw SystemCallError(name, errno: ENAMETOOLONG, subject: path)
    }
    let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let opened = socket(AF_UNIX, kind, 0)
    guard opened >= 0 else { throw .last("socket", path) }
    let owned = Descriptor(owning: opened)
    guard address.withPointer({ attach(opened, $0, $1) }) == 0 else { throw .last(name, path) }
    descriptor = owned
  }

  private typealias AttachCall = (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32

  /// A socket that receives, at a path where nothing is yet; whoever binds it removes the path. Throws
  /// `SystemCallError`.
  package static func bind(_ path: String) throws(SystemCallError) -> DatagramSocket {
    try DatagramSocket(path, "bind") { Glibc.bind($0, $1, $2) }
  }

  /// A socket that sends to the one bound at a path. `buffer`: bytes that may be under way; the machine may
  /// allow fewer. Throws `SystemCallError`; ENOENT or ECONNREFUSED where nobody receives.
  package static func connect(_ path: String, buffer: Int) throws(SystemCallError) -> DatagramSocket {
    let made = try DatagramSocket(path, "connect") { Glibc.connect($0, $1, $2) }
    var size = Int32(clamping: buffer)
    // What the machine refuses, it refuses: the default is enough for a datagram or two.
    _ = setsockopt(
      made.descriptor.raw, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    return made
  }

  /// Sends two parts as one message, without waiting. Throws `SystemCallError`.
  package func send(
    _ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer
  ) throws(SystemCallError) -> SendResult {
    var parts = [
      iovec(iov_base: UnsafeMutableRawPointer(mutating: head.baseAddress), iov_len: head.count),
      iovec(iov_base: UnsafeMutableRawPointer(mutating: body.baseAddress), iov_len: body.count),
    ]
    while true {
      let sent = parts.withUnsafeMutableBufferPointer { parts in
        var message = msghdr()
        message.msg_iov = parts.baseAddress
        message.msg_iovlen = parts.count
        return sendmsg(descriptor.raw, &message, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
      }
      if sent >= 0 { return .sent }
      switch errno {
      case EINTR: continue
      case EAGAIN, ENOBUFS, ENOMEM: return .full
      case ECONNREFUSED, ECONNRESET, ENOENT, ENOTCONN, EPIPE: return .gone
      default: throw .last("sendmsg", "descriptor \(descriptor.raw)")
      }
    }
  }

  /// Receives a message without waiting: its bytes, cut where the buffer ends; nil if none has come. Throws
  /// `SystemCallError`.
  package func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemCallError) -> Int? {
    while true {
      let count = recv(descriptor.raw, buffer.baseAddress!, buffer.count, Int32(MSG_DONTWAIT))
      if count >= 0 { return count }
      switch errno {
      case EINTR: continue
      case EAGAIN: return nil
      default: throw .last("recv", "descriptor \(descriptor.raw)")
      }
    }
  }
}
