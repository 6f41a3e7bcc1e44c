import Glibc
import POSIXKit
import Testing

@Suite struct LocalSocketTests {
  private func path(_ name: String) -> String { "/tmp/local-\(getpid())-\(name)" }

  private func deadline(_ span: Duration = .seconds(5)) -> UInt64 { MonotonicClock.deadline(after: span) }

  @Test func `what one side sends the other gets, and each knows who the other is`() throws {
    let listener = try LocalListener(path: path("pair"))
    #expect(try Self.isNobody(listener))
    let near = try Descriptor.connect(toLocal: listener.path, until: deadline())
    guard let far = try listener.accept() else {
      Issue.record("nobody came")
      return
    }
    #expect(try near.send([1, 2, 3][...]) == .bytes(3))
    guard case .message(let message) = try far.receivePassed() else {
      Issue.record("nothing came")
      return
    }
    #expect(message.bytes == [1, 2, 3])
    let own = PeerCredentials(pid: getpid(), user: geteuid(), group: getegid())
    #expect(try far.peerCredentials() == own)
    #expect(try near.peerCredentials() == own)
    if case .wouldBlock = try near.receivePassed() {} else { Issue.record("a connection must not block") }
    #expect(fcntl(far.raw, F_GETFD) & FD_CLOEXEC != 0 && fcntl(near.raw, F_GETFD) & FD_CLOEXEC != 0)
  }

  private static func isNobody(_ listener: borrowing LocalListener) throws -> Bool {
    if try listener.accept() != nil { return false }
    return true
  }

  @Test func `the file is for its user alone, whatever the umask, and goes with its owner`() throws {
    let path = path("mode")
    do {
      let listener = try LocalListener(path: path)
      var file = stat()
      #expect(lstat(listener.path, &file) == 0 && file.st_mode == S_IFSOCK | 0o600)
    }
    #expect(access(path, F_OK) != 0)
  }

  @Test func `a path that is too long is named, with how long it may be`() throws {
    let path = "/tmp/" + String(repeating: "x", count: 120)
    let error = #expect(throws: SystemCallError.self) { try Self.listen(path) }
    #expect(
      error?.description.contains("a socket's path has at most 107 bytes, and this one has 125") == true)
    let other = #expect(throws: SystemCallError.self) { try Self.connect(path, self.deadline()) }
    #expect(other?.errno == ENAMETOOLONG)
  }

  private static func listen(_ path: String) throws(SystemCallError) { _ = try LocalListener(path: path) }

  private static func connect(_ path: String, _ deadline: UInt64) throws(SystemCallError) {
    _ = try Descriptor.connect(toLocal: path, until: deadline)
  }

  @Test func `a second listener does not take the place of the first`() throws {
    let first = try LocalListener(path: path("twice"))
    let error = #expect(throws: SystemCallError.self) { try Self.listen(self.path("twice")) }
    #expect(error?.errno == EADDRINUSE)
    #expect(access(first.path, F_OK) == 0)
  }

  @Test func `nobody there is an error at once, and somebody who takes nobody one at the deadline`() throws {
    let path = path("full")
    let nobody = #expect(throws: SystemCallError.self) { try Self.connect(path, self.deadline()) }
    #expect(nobody?.errno == ENOENT)
    let listener = try LocalListener(path: path, backlog: 0)
    let first = try Descriptor.connect(toLocal: listener.path, until: deadline())
    let started = MonotonicClock.now()
    let late = #expect(throws: SystemCallError.self) {
      // The queue has room for one or two.
      try Self.connect(path, self.deadline(.milliseconds(50)))
      try Self.connect(path, self.deadline(.milliseconds(50)))
    }
    #expect(late?.errno == ETIMEDOUT && MonotonicClock.now() - started < 4_000_000_000)
    withExtendedLifetime(first.raw) {}
  }
}
