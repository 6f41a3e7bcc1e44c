import Glibc
import Testing
import ZeroMQ

/// Who is let in, and who is not.
@Suite struct CurveTests {
  /// Turns until something has come, or the time is over.
  private func receive(
    _ socket: borrowing Socket, answering authenticator: inout Authenticator, milliseconds: Int
  ) throws -> String? {
    for _ in 0..<(milliseconds / 5) {
      try authenticator.answer()
      switch try socket.receive() {
      case .some(let message): return message.withBytes { String(decoding: $0, as: UTF8.self) }
      case .none: break
      }
      var poller = Poller()
      poller.add(descriptor: try authenticator.pollDescriptor)
      poller.add(socket)
      _ = try poller.wait(milliseconds: 5)
    }
    return nil
  }

  @Test func onlyAnAdmittedKeyDelivers() throws {
    let context = try Context(maximumSockets: 16)
    var authenticator = try Authenticator(context)
    let server = try CurveKeys.generate()
    let known = try CurveKeys.generate()
    authenticator.admit(known, to: "results")
    authenticator.admit(try CurveKeys.generate(), to: "results")
    var inbox = try Socket(context, .pull, highWaterMark: 0)
    try inbox.secure(asServer: server, domain: "results", by: authenticator)
    try inbox.bind("tcp://127.0.0.1:*")
    let endpoint = try inbox.boundEndpoint
    var stranger = try Socket(context, .push, highWaterMark: 0)
    try stranger.secure(asClient: try CurveKeys.generate(), ofServer: server.publicKey)
    try stranger.connect(endpoint)
    try stranger.send(message("forged"))
    var plain = try Socket(context, .push, highWaterMark: 0)
    try plain.connect(endpoint)
    try plain.send(message("plain"))
    #expect(try receive(inbox, answering: &authenticator, milliseconds: 300) == nil)
    #expect(authenticator.refused > 0)
    var worker = try Socket(context, .push, highWaterMark: 0)
    try worker.secure(asClient: known, ofServer: server.publicKey)
    try worker.connect(endpoint)
    try worker.send(message("true"))
    #expect(try receive(inbox, answering: &authenticator, milliseconds: 10_000) == "true")
  }

  @Test func aKeyOpensItsOwnDomainOnlyAndNoneAfterItWasDismissed() throws {
    let context = try Context(maximumSockets: 16)
    var authenticator = try Authenticator(context)
    let server = try CurveKeys.generate()
    let other = try CurveKeys.generate()
    authenticator.admit(other, to: "w1")
    authenticator.admit(other, to: "w0")
    authenticator.dismiss(other, from: "w0")
    var orders = try Socket(context, .push, highWaterMark: 0)
    try orders.secure(asServer: server, domain: "w0", by: authenticator)
    try orders.bind("tcp://127.0.0.1:*")
    var thief = try Socket(context, .pull, highWaterMark: 0)
    try thief.secure(asClient: other, ofServer: server.publicKey)
    try thief.connect(try orders.boundEndpoint)
    #expect(try receive(thief, answering: &authenticator, milliseconds: 300) == nil)
    // Nobody has connected: there is nowhere to send to.
    #expect(throws: ZeroMQError.self) { try orders.send(message("task")) }
    #expect(authenticator.refused > 0)
  }
}
