import Control
import Glibc
import POSIXKit
import TestSupport
import Testing

/// A server at a socket of its own, its run, and turns of the loop: all on the test's thread. The kernel keeps
/// what clients send until the server's next turn, and the other way.
final class ServedSocket {
  let run: FakeRun
  let path: String
  private let folder = TemporaryFolder()
  private(set) var server: ControlServer?

  init(
    limits: ControlServer.Limits = .init(),
    isAllowed: @escaping (PeerCredentials) -> Bool = { $0.isOwnUserOrRoot }
  ) throws {
    run = try FakeRun()
    path = folder.file("control")
    server = try ControlServer(path: path, limits: limits, isAllowed: isAllowed)
  }

  /// Turns until nothing is ready any more, at a time so much later than now.
  func turn(later: UInt64 = 0) throws {
    let now = MonotonicClock.now() + later
    for _ in 0..<200 {
      server!.handle(now: now, run: run)
      server!.settle(run: run)
      var poller = Poller()
      server!.watch(in: &poller, token: 7)
      let ready = try poller.wait(until: 0)
      #expect(ready.allSatisfy { $0.token == 7 })
      if ready.isEmpty { return }
    }
  }

  func closeServer() { server = nil }

  func connect() throws -> ControlClient { try ControlClient(path: path, until: Self.deadline) }

  /// A connection without manners.
  func connectRaw() throws -> Descriptor { try Descriptor.connect(toLocal: path, until: Self.deadline) }

  static var deadline: UInt64 { MonotonicClock.deadline(after: .seconds(10)) }
}

extension ControlClient {
  /// The next reply, which is there already or on its way.
  mutating func next() throws -> ControlReply? { try receive(until: ServedSocket.deadline) }

  mutating func send(_ request: ControlRequest) throws { try send(request, until: ServedSocket.deadline) }

  /// Everything until the connection ends.
  mutating func rest() throws -> [ControlReply] {
    var replies: [ControlReply] = []
    do throws(ControlClientError) {
      while let reply = try receive(until: ServedSocket.deadline) { replies.append(reply) }
    } catch .closed {}
    return replies
  }
}

extension Descriptor {
  func sendText(_ text: String) throws {
    let bytes = Array(text.utf8)
    #expect(try send(bytes[...]) == .bytes(bytes.count))
  }

  /// What has come, without waiting, and whether the connection ended behind it.
  func arrived() throws -> (text: String, isEnd: Bool) {
    var bytes: [UInt8] = []
    while true {
      switch try receivePassed() {
      case .message(let message): bytes += message.bytes
      case .wouldBlock: return (String(decoding: bytes, as: UTF8.self), false)
      case .end: return (String(decoding: bytes, as: UTF8.self), true)
      }
    }
  }
}
