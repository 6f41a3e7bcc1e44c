import Glibc
import POSIXKit
import Testing

/// A service manager's end of sd_notify: a bound datagram socket, and all that came.
final class NotifySocket {
  private let socket: Descriptor
  private(set) var datagrams: [String] = []

  /// `address` as in NOTIFY_SOCKET: a path, or an abstract name behind an `@`.
  init(_ address: String) throws {
    socket = Descriptor(owning: Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(address.utf8)
    let isAbstract = bytes[0] == UInt8(ascii: "@")
    if isAbstract { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
    let length = MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1)
    let result = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket.raw, $0, socklen_t(length)) }
    }
    try #require(result == 0, "\(address): \(String(cString: strerror(errno)))")
  }

  /// All lines that have come, each an assignment.
  var lines: [String] { datagrams.flatMap { $0.split(separator: "\n").map(String.init) } }

  func count(_ line: String) -> Int { lines.count { $0 == line } }

  /// Takes in what has come.
  func read() {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(socket.raw, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      if count < 0 { return }
      datagrams.append(String(decoding: bytes[..<count], as: UTF8.self))
    }
  }

  func wait(
    for what: String, within span: Duration = .seconds(30), _ condition: (NotifySocket) -> Bool
  ) throws {
    let deadline = MonotonicClock.deadline(after: span)
    read()
    while !condition(self) {
      try #require(MonotonicClock.now() < deadline, "no \(what) among \(datagrams)")
      _ = try Poller.wait(for: socket.raw, until: deadline)
      read()
    }
  }
}
