import Glibc

/// The address of a service manager's socket: a path, or an abstract name behind an `@`.
struct ServiceAddress {
  private var name = sockaddr_un()
  private let length: socklen_t

  /// Nil for what is neither, or too long.
  init?(_ text: String) {
    var bytes = Array(text.utf8)
    guard bytes.count > 1, bytes.count < MemoryLayout.size(ofValue: name.sun_path),
      bytes[0] == UInt8(ascii: "/") || bytes[0] == UInt8(ascii: "@")
    else { return nil }
    let isAbstract = bytes[0] == UInt8(ascii: "@")
    if isAbstract { bytes[0] = 0 }
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
    // An abstract name has no end but its length; a path has a zero behind it.
    let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path)!
    length = socklen_t(start + bytes.count + (isAbstract ? 0 : 1))
  }

  /// Sends a datagram without waiting. False if there is no room for it now; one that nobody receives is gone.
  func send(_ text: String, through socket: Int32) -> Bool {
    let bytes = Array(text.utf8)
    let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    while true {
      let count = withUnsafePointer(to: name) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          sendto(socket, bytes, bytes.count, flags, $0, length)
        }
      }
      if count >= 0 { return true }
      switch errno {
      case EINTR: continue
      case EAGAIN, ENOBUFS, ENOMEM: return false
      default: return true
      }
    }
  }
}
