import Glibc
import POSIXKit
import Supervisor
import TestSupport
import Testing

struct ServiceNotifierTests {
  /// A manager's socket at a path, which is read only when the test says so.
  private func bound(_ path: String) throws -> Descriptor {
    let socket = Descriptor(
      owning: Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket.raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0)
    return socket
  }

  private func readAll(_ socket: borrowing Descriptor) -> [String] {
    var found: [String] = []
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(socket.raw, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      if count < 0 { return found }
      found.append(String(decoding: bytes[..<count], as: UTF8.self))
    }
  }

  @Test func `a manager that has no room now hears of readiness later, and nobody waits`() throws {
    let scratch = TemporaryFolder()
    let manager = try bound(scratch.file("notify"))
    let notifier = try #require(ServiceNotifier(path: scratch.file("notify"), watchdogMicroseconds: 2_000))
    let began = MonotonicClock.now()
    // Signs of life until the manager's queue is full, and far beyond.
    for _ in 0..<400 {
      var poller = Poller()
      _ = try poller.wait(
        until: min(notifier.nextDeadline ?? 0, MonotonicClock.deadline(after: .milliseconds(2))))
      notifier.look(isReady: false, isStopping: false, health: "starting")
    }
    notifier.look(isReady: true, isStopping: false, health: "running")
    #expect(MonotonicClock.now() - began < 20_000_000_000)

    var heard = readAll(manager)
    #expect(heard.first == "STATUS=starting" && heard.contains("WATCHDOG=1"))
    #expect(!heard.contains { $0.hasPrefix("READY=1") })
    for _ in 0..<3 where !heard.contains(where: { $0.hasPrefix("READY=1") }) {
      notifier.look(isReady: true, isStopping: false, health: "running")
      heard += readAll(manager)
    }
    #expect(heard.count { $0 == "READY=1\nSTATUS=running" } == 1, "\(heard)")
  }

  @Test(arguments: ["", "@", "/", "notify", "/" + String(repeating: "x", count: 107)])
  func `what is no address is no manager`(path: String) {
    #expect(ServiceNotifier(path: path, watchdogMicroseconds: nil) == nil)
  }

  @Test func `a manager that is gone is told nothing, and that is all`() throws {
    let scratch = TemporaryFolder()
    let notifier = try #require(ServiceNotifier(path: scratch.file("notify"), watchdogMicroseconds: nil))
    notifier.look(isReady: true, isStopping: false, health: "running")
    #expect(notifier.nextDeadline == nil)
  }
}
