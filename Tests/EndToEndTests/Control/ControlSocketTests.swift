import Glibc
import POSIXKit
import TestSupport
import Testing

extension EndToEnd {
  /// Clients without manners at the socket of a run that goes on.
  @Suite struct ControlSocketTests {
    private final class Client {
      let socket: Descriptor
      init(_ path: String) throws {
        socket = try Descriptor.connect(toLocal: path, until: MonotonicClock.deadline(after: .seconds(10)))
      }
    }

    @Test func `many clients that never read and never stop writing do not hold up the records`() throws {
      let watched = try WatchedRun()
      let path = try watched.socket()
      let line = Array(#"{"schema":"procession.control/1","request":"status"}"#.utf8) + [0x0A]
      var clients: [Client] = []
      for _ in 0..<50 { clients.append(try Client(path)) }
      for _ in 0..<200 {
        for client in clients { _ = try? client.socket.send(line[...]) }
      }
      watched.followed.append(100)
      try watched.followed.waitForOutput()
      clients.removeAll()
      try Waiting.until("a place for a client with manners") {
        try watched.command("status", "p").status == 0
      }
      let result = try watched.followed.drain()
      #expect(result.status == 0, "\(result.errors)")
    }

    @Test func `without a descriptor for one more client the run goes on, and does not spin`() throws {
      let watched = try WatchedRun()
      let path = try watched.socket()
      let used = try namesInFolder("/proc/\(watched.run.pid)/fd").compactMap { Int($0) }.max() ?? 0
      try limit(watched.run.pid, to: used + 1)
      let waiting = try Client(path)
      let second = try Client(path)
      let before = try ProcessStatistics(of: watched.run.pid)
      watched.followed.append(100)
      try watched.followed.waitForOutput()
      try Waiting.pause(.milliseconds(500))
      let after = try ProcessStatistics(of: watched.run.pid)
      let spent =
        after.userNanoseconds + after.systemNanoseconds - before.userNanoseconds - before.systemNanoseconds
      #expect(spent < 200_000_000, "\(spent) ns of CPU within half a second")
      try limit(watched.run.pid, to: 1024)
      let line = Array(#"{"schema":"procession.control/1","request":"status"}"#.utf8) + [0x0A]
      for client in [waiting, second] {
        _ = try client.socket.send(line[...])
        #expect(
          try Poller.wait(for: client.socket.raw, until: MonotonicClock.deadline(after: .seconds(10))),
          "who waited is served once there is a descriptor")
      }
      #expect(try watched.followed.drain().status == 0)
    }

    private func limit(_ pid: Int32, to count: Int) throws {
      let result = try Workspace().run(
        ["--pid", "\(pid)", "--nofile=\(count):"], program: "/usr/bin/prlimit")
      try #require(result.status == 0, "\(result.errors)")
    }
  }
}
