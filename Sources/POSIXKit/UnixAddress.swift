import Glibc

/// The address of a Unix socket: a path, or a name in Linux's abstract namespace.
package struct UnixAddress: Sendable {
  /// The most bytes that a socket's path may have.
  package static let longestPath = 107

  private var name = sockaddr_un()
  private let length: socklen_t

  /// Nil for a path that is too long.
  package init?(path: String) { self.init(Array(path.utf8), isAbstract: false) }

  /// Nil for a name that is too long.
  package init?(abstract name: String) { self.init([0] + Array(name.utf8), isAbstract: true) }

  private init?(_ bytes: [UInt8], isAbstract: Bool) {
    guard bytes.count <= Self.longestPath else { return nil }
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
    // An abstract name has no end but its length; a path has a zero behind it.
    let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path)!
    length = socklen_t(start + bytes.count + (isAbstract ? 0 : 1))
  }

  /// As system calls take it. The pointer is valid within `body` only.
  package func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }
}
