import Control
import TestSupport
import Testing

/// The machine of one client, without a socket: time and bytes are the test's.
@Suite struct ControlConnectionTests {
  private static let second: UInt64 = 1_000_000_000

  private static func line(_ request: ControlRequest) -> [UInt8] {
    ControlLine.encode(request) + [UInt8(ascii: "\n")]
  }

  private static func limits(queued: Int = 1 << 20, served: Int = 256 << 10)
    -> ControlConnectionStateMachine.Limits
  {
    var limits = ControlConnectionStateMachine.Limits()
    limits.queuedBytes = queued
    limits.servedBytes = served
    return limits
  }

  /// Takes all that is queued, so many bytes at once.
  private static func drain(
    _ machine: inout ControlConnectionStateMachine, portion: Int = .max
  ) throws -> [ControlReply] {
    var bytes: [UInt8] = []
    while let (next, _) = machine.nextOutput {
      let taken = next.prefix(portion)
      bytes += taken
      machine.sent(taken.count, now: 0)
    }
    return try bytes.split(separator: UInt8(ascii: "\n")).map {
      try ControlLine.decode(ControlReply.self, $0)
    }
  }

  static let requests: [ControlRequest] = [
    .status, .end, .pages, .logs(of: nil, lines: 10, follows: false),
    .logs(of: "clean.0", lines: 0, follows: true), .command(.pause, waits: true),
    .command(.resume, waits: false), .command(.stopNow, waits: false),
    .command(.drain(timeout_seconds: nil), waits: false), .command(.drain(timeout_seconds: 2.5), waits: true),
    .command(.scale(stage: "a b/\"c\"", workers: 3), waits: true),
    .command(.restart(stage: "clean", slot: nil), waits: true),
    .command(.restart(stage: "clean", slot: 1), waits: false),
    .command(.tap(TapRequest(stage: "clean", isInput: true, sample: 7, path: "/p/q")), waits: false),
    .command(.untap(path: "/p/q"), waits: false),
  ]

  @Test(arguments: requests)
  func `a request is read as it was written, in whatever pieces it comes`(request: ControlRequest) throws {
    for size in [1, 3, 1000] {
      var machine = ControlConnectionStateMachine(now: 0)
      var rest = Self.line(request)[...]
      while rest.count > size {
        machine.received(rest.prefix(size), now: 0)
        #expect(machine.nextRequest(now: 0) == nil)
        rest = rest.dropFirst(size)
      }
      machine.received(rest, now: 0)
      #expect(machine.nextRequest(now: 0) == request)
      #expect(machine.nextRequest(now: 0) == nil)
      #expect(machine.nextOutput == nil)
    }
  }

  static let replies: [ControlReply] = [
    .accepted("clean has 3 workers"), .refused("no"), .settled, .lost(12), .logsTold, .error("what?"),
    .end(RunEnd(outcome: "complete", exit_status: 0, text: "complete in 1 s\nline two")),
    .pages(PagesLayout(pipeline: "p", stages: [.init(name: "read", role: "source", first: 0, slots: 1)])),
    .log(
      LogRecord(
        time: 1_000, level: .warning, pipeline: "p", stage: "clean", slot: "clean.0",
        message: "quoted \"x\"\n",
        fields: [("a", .integer(1)), ("b", .text("é")), ("c", .truth(true))])),
  ]

  @Test(arguments: replies)
  func `a reply is read as it was written, in whatever pieces it is taken`(reply: ControlReply) throws {
    for portion in [1, 7, 1000] {
      var machine = ControlConnectionStateMachine(now: 0)
      machine.answer(reply, now: 0)
      machine.answer(.settled, now: 0)
      #expect(try Self.drain(&machine, portion: portion) == [reply, .settled])
      #expect(machine.queuedBytes == 0)
    }
  }

  @Test func `the descriptor goes with the first byte of its reply and no other`() {
    var machine = ControlConnectionStateMachine(now: 0)
    machine.answer(.settled, now: 0)
    machine.answer(.pages(PagesLayout(pipeline: "p", stages: [])), now: 0)
    var passing: [Bool] = []
    while let (bytes, passes) = machine.nextOutput {
      passing.append(passes)
      machine.sent(min(10, bytes.count), now: 0)
    }
    #expect(passing.filter { $0 }.count == 1)
    let first = ControlLine.encode(ControlReply.settled).count + 1
    #expect(passing.firstIndex(of: true) == (first + 9) / 10)
  }

  @Test func `while it waits for a command nothing more of it is served or read`() throws {
    var machine = ControlConnectionStateMachine(now: 0)
    machine.received(Self.line(.command(.pause, waits: true)) + Self.line(.status), now: 0)
    #expect(machine.nextRequest(now: 0) == .command(.pause, waits: true))
    machine.answer(.pause, .accepted("paused"), waits: true, now: 0)
    #expect(machine.awaited == .pause && !machine.wantsInput)
    #expect(machine.nextRequest(now: 0) == nil)
    _ = try Self.drain(&machine)
    #expect(machine.nextDeadline == nil, "the run may take as long as it takes")
    machine.settled(now: 5)
    #expect(machine.nextRequest(now: 5) == .status && machine.wantsInput)
  }

  @Test func `a refused command is not waited for`() {
    var machine = ControlConnectionStateMachine(now: 0)
    machine.answer(.pause, .refused("no"), waits: true, now: 0)
    #expect(machine.awaited == nil && machine.wantsInput)
  }

  @Test func `a client that does not read is not served until it does`() throws {
    var machine = ControlConnectionStateMachine(limits: Self.limits(queued: 1000, served: 100), now: 0)
    machine.answer(.accepted(String(repeating: "x", count: 200)), now: 0)
    machine.received(Self.line(.status), now: 0)
    #expect(machine.nextRequest(now: 0) == nil)
    _ = try Self.drain(&machine)
    #expect(machine.nextRequest(now: 0) == .status)
  }

  @Test func `an answer beyond all bounds ends the connection`() {
    var machine = ControlConnectionStateMachine(limits: Self.limits(queued: 1000, served: 100), now: 0)
    machine.answer(.accepted(String(repeating: "x", count: 1000)), now: 0)
    #expect(machine.shouldClose && machine.nextDeadline == 0)
  }

  enum Stand: String, CaseIterable {
    case fresh, halfLine, unread, unreadFollower, awaitsCommand, awaitsEnd, follows, taps, closing
  }

  /// What each client is given time for, in seconds; nil: as long as it likes.
  static let patience: [(stand: Stand, seconds: UInt64?)] = [
    (.fresh, 60), (.halfLine, 10), (.unread, 10), (.unreadFollower, nil), (.awaitsCommand, nil),
    (.awaitsEnd, nil), (.follows, nil), (.taps, nil), (.closing, 10),
  ]

  @Test(arguments: patience)
  func `each kind of waiting has its patience`(stand: Stand, seconds: UInt64?) throws {
    var machine = ControlConnectionStateMachine(now: 0)
    switch stand {
    case .fresh: break
    case .halfLine: machine.received([UInt8(ascii: "{")], now: 0)
    case .unread: machine.answer(.settled, now: 0)
    case .unreadFollower: machine.tellLog([], of: nil, lines: 0, follows: true, now: 0)
    case .awaitsCommand: machine.answer(.pause, .accepted(""), waits: true, now: 0)
    case .awaitsEnd: machine.awaitEnd()
    case .follows: machine.tellLog([], of: nil, lines: 0, follows: true, now: 0)
    case .taps:
      let tap = TapRequest(stage: "s", isInput: false, sample: 1, path: "p")
      machine.answer(.tap(tap), .accepted(""), waits: false, now: 0)
    case .closing: machine.refuse("go away", now: 0)
    }
    if stand != .unread && stand != .unreadFollower && stand != .closing { _ = try Self.drain(&machine) }
    #expect(machine.nextDeadline == seconds.map { $0 * Self.second })
    machine.deadlineReached(now: (seconds ?? 1_000_000) * Self.second - 1)
    #expect(!machine.shouldClose)
    machine.deadlineReached(now: (seconds ?? 1_000_000) * Self.second)
    _ = try Self.drain(&machine)
    #expect(machine.shouldClose == (seconds != nil))
  }

  @Test func `progress, however slow, is no reason to close`() throws {
    var machine = ControlConnectionStateMachine(now: 0)
    machine.answer(.accepted(String(repeating: "x", count: 100)), now: 0)
    for second: UInt64 in 1...50 {
      machine.sent(1, now: second * 9 * Self.second)
      machine.deadlineReached(now: (second * 9 + 8) * Self.second)
      #expect(!machine.shouldClose)
    }
  }

  @Test func `the end of its input closes it once all is answered`() throws {
    var machine = ControlConnectionStateMachine(now: 0)
    machine.received(Self.line(.status), now: 0)
    machine.inputEnded()
    #expect(!machine.shouldClose)
    #expect(machine.nextRequest(now: 0) == .status)
    machine.answer(.settled, now: 0)
    #expect(!machine.shouldClose)
    _ = try Self.drain(&machine)
    #expect(machine.shouldClose)
  }

  @Test func `whatever bytes come, each line gets an answer and nothing breaks`() throws {
    var generator = SeededRandom.printed()
    let words = [
      "{", "}", "\"", "schema", "procession.control/1", "request", ":", ",", "status", "scale", "\n",
      "1e999", "\u{0}", "é", "[", "null", "-1", "workers", "\\u0000", " ",
    ]
    for _ in 0..<2000 {
      var machine = ControlConnectionStateMachine(now: 0)
      let text = (0..<Int.random(in: 0...40, using: &generator))
        .map { _ in words.randomElement(using: &generator)! }.joined()
      machine.received(Array(text.utf8), now: 0)
      var served = 0
      while machine.nextRequest(now: 0) != nil { served += 1 }
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      #expect(try Self.drain(&machine).count + served == lines.count { !$0.isEmpty }, "\(text)")
    }
  }
}
