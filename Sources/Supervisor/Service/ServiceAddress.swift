import Glibc
import POSIXKit

/// The address of a service manager's socket: a path, or an abstract name behind an `@`.
struct ServiceAddress {
  private let address: UnixAddress

  /// Nil for what is neither, or too long.
  init?(_ text: String) {
    let found: UnixAddress? =
      switch text.utf8.first {
      case UInt8(ascii: "/"): UnixAddress(path: text)
      case UInt8(ascii: "@"): UnixAddress(abstract: String(decoding: text.utf8.dropFirst(), as: UTF8.self))
      default: nil
      }
    guard let found, text.utf8.count > 1 else { return nil }
    address = found
  }

  /// Sends a datagram without waiting. False if there is no room for it now; one that nobody receives is gone.
  func send(_ text: String, through socket: Int32) -> Bool {
    let bytes = Array(text.utf8)
    let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    while true {
      let count = address.withPointer { sendto(socket, bytes, bytes.count, flags, $0, $1) }
      if count >= 0 { return true }
      switch errno {
      case EINTR: continue
      case EAGAIN, ENOBUFS, ENOMEM: return false
      default: return true
      }
    }
  }
}
