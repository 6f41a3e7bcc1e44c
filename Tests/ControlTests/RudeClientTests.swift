import Control
import Glibc
import POSIXKit
import TestSupport
import Testing

/// Clients that are slow, rude or many: each costs the run a bounded amount and the others nothing.
@Suite struct RudeClientTests {
  /// Whether a client with manners is served.
  private func expectService(_ served: ServedSocket) throws {
    var client = try served.connect()
    try client.send(.status)
    try served.turn()
    #expect(try client.next() == .status(served.run.current))
  }

  static let wrongLines: [(line: String, says: String)] = [
    ("hello", #"a line is one JSON object, such as {"schema":"procession.control/1","request":"status"}"#),
    ("[1]", #"a line is one JSON object, such as {"schema":"procession.control/1","request":"status"}"#),
    (
      "{\u{1}\u{2}",
      #"a line is one JSON object, such as {"schema":"procession.control/1","request":"status"}"#
    ),
    (#"{"request":"status"}"#, #""schema" is missing"#),
    (
      #"{"schema":"procession.control/9","request":"status"}"#,
      "this run speaks procession.control/1, not procession.control/9; use the procession that started it"
    ),
    (#"{"schema":"procession.control/1"}"#, #""request" is missing"#),
    (
      #"{"schema":"procession.control/1","request":"dance"}"#,
      "there is no request 'dance'; there are status, logs, end, pages, scale, restart, pause, resume, drain, "
        + "stop-now, tap, untap"
    ),
    (#"{"schema":"procession.control/1","request":"scale","stage":"clean"}"#, #""workers" is missing"#),
    (
      #"{"schema":"procession.control/1","request":"scale","stage":"clean","workers":"3"}"#,
      #""workers" must be a whole number"#
    ),
    (
      #"{"schema":"procession.control/1","request":"pause","wait":1}"#, #""wait" must be true or false"#
    ),
    (
      #"{"schema":"procession.control/1","request":"drain","timeout_seconds":-1}"#,
      #""timeout_seconds" must be 0 or more"#
    ),
    (#"{"schema":"procession.control/1","request":"logs","lines":-1}"#, #""lines" must be 0 or more"#),
    (
      #"{"schema":"procession.control/1","request":"tap","stage":"clean","path":"x","sample":0}"#,
      #""sample" must be 1 or more"#
    ),
  ]

  @Test(arguments: wrongLines)
  func `a wrong line is told what would be right, and the next one is served`(
    line: String, says: String
  ) throws {
    let served = try ServedSocket()
    let rude = try served.connectRaw()
    try rude.sendText(line + "\n\n" + #"{"schema":"procession.control/1","request":"resume"}"# + "\n")
    try served.turn()
    let replies = try rude.arrived().text.split(separator: "\n").map {
      try ControlLine.decode(ControlReply.self, Array($0.utf8))
    }
    #expect(replies == [.error(says), .accepted("as you say")])
    #expect(served.run.commands == [.resume])
  }

  @Test func `a line without an end is cut off at its limit`() throws {
    let served = try ServedSocket()
    let rude = try served.connectRaw()
    let part = [UInt8](repeating: UInt8(ascii: "x"), count: 48 << 10)
    for _ in 0..<2 {
      #expect(try rude.send(part[...]) == .bytes(part.count))
      try served.turn()
    }
    let (text, isEnd) = try rude.arrived()
    #expect(text.contains("a line has 65536 bytes at most") && isEnd)
    try expectService(served)
  }

  @Test func `half a line is waited for, but not long, however it trickles in`() throws {
    let served = try ServedSocket()
    let rude = try served.connectRaw()
    for second: UInt64 in 0...9 {
      try rude.sendText("{")
      try served.turn(later: second * 1_000_000_000)
      #expect(try rude.arrived().isEnd == false)
    }
    #expect(try #require(served.server!.nextDeadline) <= MonotonicClock.now() + 10_000_000_000)
    try served.turn(later: 10_100_000_000)
    let (text, isEnd) = try rude.arrived()
    #expect(text.contains("the rest of the line did not come within 10 s") && isEnd)
  }

  @Test func `a client that asks nothing leaves its place to others after a minute`() throws {
    let served = try ServedSocket()
    let idle = try served.connectRaw()
    var waiter = try served.connect()
    try waiter.send(.end)
    try served.turn()
    try served.turn(later: 59_000_000_000)
    #expect(served.server!.clientCount == 2)
    try served.turn(later: 61_000_000_000)
    #expect(served.server!.clientCount == 1)
    #expect(try idle.arrived().text.contains("nothing was asked for 60 s"))
  }

  @Test func `one client too many is told so, and gets its turn when another leaves`() throws {
    let served = try ServedSocket()
    do {
      var many: [OpenSocket] = []
      for _ in 0..<32 { many.append(OpenSocket(try served.connectRaw())) }
      try served.turn()
      #expect(served.server!.clientCount == 32)
      let late = try served.connectRaw()
      try served.turn()
      let (text, isEnd) = try late.arrived()
      #expect(text.contains("32 clients are connected already") && isEnd)
      many.removeAll()
    }
    try served.turn()
    #expect(served.server!.clientCount == 0)
    try expectService(served)
  }

  private final class OpenSocket {
    let socket: Descriptor
    init(_ socket: consuming Descriptor) { self.socket = socket }
  }

  @Test func `a client that never reads is served no more, and costs no more, than its queue holds`() throws {
    let served = try ServedSocket()
    let deaf = try served.connectRaw()
    let line = Array((#"{"schema":"procession.control/1","request":"status"}"# + "\n").utf8)
    var sent = 0
    for _ in 0..<100 {
      // A whole line each time, until the server stops reading.
      while try deaf.send(line[...]) == .bytes(line.count), sent < 100_000 { sent += 1 }
      try served.turn()
    }
    #expect(sent < 100_000, "the server went on reading")
    try expectService(served)
    try served.turn(later: 11_000_000_000)
    #expect(served.server!.clientCount == 0)
  }

  @Test func `connections that break in the middle of anything hurt nobody`() throws {
    var generator = SeededRandom.printed()
    let served = try ServedSocket()
    served.run.isDone = false
    let lines = [
      #"{"schema":"procession.control/1","request":"status"}"#,
      #"{"schema":"procession.control/1","request":"logs","follow":true}"#,
      #"{"schema":"procession.control/1","request":"pause","wait":true}"#,
      #"{"schema":"procession.control/1","request":"end"}"#,
      #"{"schema":"procession.control/1","request":"pages"}"#, "garbage",
    ]
    for _ in 0..<300 {
      let rude = try served.connectRaw()
      let text = (0..<4).map { _ in lines.randomElement(using: &generator)! + "\n" }.joined()
      try rude.sendText(String(text.prefix(Int.random(in: 0...text.count, using: &generator))))
      if Bool.random(using: &generator) { try served.turn() }
      served.server!.publish(LogRecord(time: 1, level: .info, pipeline: "flights", message: "line"))
    }
    try served.turn()
    #expect(served.server!.clientCount == 0)
    served.run.isDone = true
    try expectService(served)
  }
}
