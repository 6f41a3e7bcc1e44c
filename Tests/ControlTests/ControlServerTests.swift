import Control
import Glibc
import POSIXKit
import Testing

/// What a client asks, and what it is answered, over real sockets.
@Suite struct ControlServerTests {
  @Test func `a status is told as the run has it`() throws {
    let served = try ServedSocket()
    var client = try served.connect()
    try client.send(.status)
    try served.turn()
    #expect(try client.next() == .status(served.run.current))
  }

  @Test func `the socket is for its user alone and goes with the server`() throws {
    let served = try ServedSocket()
    var file = stat()
    #expect(lstat(served.path, &file) == 0 && file.st_mode == S_IFSOCK | 0o600)
    served.closeServer()
    #expect(lstat(served.path, &file) != 0)
    #expect(throws: ControlClientError.self) { _ = try served.connect() }
  }

  @Test func `another user is told so and not served`() throws {
    let served = try ServedSocket(isAllowed: { _ in false })
    var client = try served.connect()
    try client.send(.command(.stopNow, waits: false))
    try served.turn()
    let replies = try client.rest()
    #expect(replies == [.error("this run is another user's; only that user and root may control it")])
    #expect(served.run.commands.isEmpty && served.server!.clientCount == 0)
  }

  @Test func `whoever runs this may control it and another may not`() throws {
    let own = PeerCredentials(pid: 1, user: geteuid(), group: 0)
    #expect(own.isOwnUserOrRoot)
    #expect(PeerCredentials(pid: 1, user: 0, group: 0).isOwnUserOrRoot)
    #expect(!PeerCredentials(pid: 1, user: geteuid() + 1, group: 0).isOwnUserOrRoot)
  }

  @Test func `a command says what it did, and a refusal why not`() throws {
    let served = try ServedSocket()
    var client = try served.connect()
    try client.send(.command(.scale(stage: "clean", workers: 3), waits: false))
    try client.send(.command(.scale(stage: "read", workers: 3), waits: true))
    try served.turn()
    #expect(try client.next() == .accepted("as you say"))
    #expect(try client.next() == .refused("'read' is not a stage that can be scaled; clean can"))
    #expect(
      served.run.commands == [.scale(stage: "clean", workers: 3), .scale(stage: "read", workers: 3)])
  }

  @Test func `whoever waits is told when it has settled, and what was asked behind it comes after`() throws {
    let served = try ServedSocket()
    served.run.isDone = false
    var client = try served.connect()
    try client.send(.command(.restart(stage: "clean", slot: nil), waits: true))
    try client.send(.status)
    try served.turn()
    #expect(try client.next() == .accepted("as you say"))
    #expect(try client.receive(until: MonotonicClock.now()) == nil)
    served.run.isDone = true
    try served.turn()
    #expect(try client.next() == .settled)
    #expect(try client.next() == .status(served.run.current))
  }

  @Test func `the pages come as a descriptor to look at only`() throws {
    let served = try ServedSocket()
    served.run.note(42)
    var client = try served.connect()
    try client.send(.status)
    try client.send(.pages)
    try client.send(.pages)
    try served.turn()
    _ = try client.next()
    for _ in 0..<2 {
      guard case .pages(let layout) = try client.next() else { throw Missing() }
      #expect(layout == PagesLayout(served.run.current))
      #expect(layout.stages.map(\.first) == [0, 1] && layout.stages.map(\.slots) == [1, 2])
      guard let descriptor = client.takeDescriptor() else { throw Missing() }
      #expect(fcntl(descriptor.raw, F_GETFL) & O_ACCMODE == O_RDONLY)
      let memory = try SharedMemory(lookingAt: descriptor)
      #expect(memory.word(at: 4096).load() == 42)
      served.run.note(43)
      #expect(memory.word(at: 4096).load() == 43)
      served.run.note(42)
    }
  }

  struct Missing: Error {}

  @Test func `everybody who is there is told of the end, and then nobody is`() throws {
    let served = try ServedSocket()
    served.run.isDone = false
    var waiter = try served.connect()
    try waiter.send(.end)
    var commander = try served.connect()
    try commander.send(.command(.drain(timeout_seconds: 30), waits: true))
    var follower = try served.connect()
    try follower.send(.logs(of: nil, lines: 0, follows: true))
    try served.turn()
    served.server!.ended(outcome: "stopped", status: 3, text: "stopped with work left")
    let end = ControlReply.end(
      RunEnd(outcome: "stopped", exit_status: 3, text: "stopped with work left"))
    #expect(try waiter.rest() == [end])
    #expect(try commander.rest() == [.accepted("as you say"), end])
    #expect(try follower.rest() == [.logsTold, end])
    #expect(served.server!.clientCount == 0)
  }

  @Test func `what a client tapped is let go of when it leaves`() throws {
    let served = try ServedSocket()
    let tap = TapRequest(stage: "clean", isInput: true, sample: 10, path: "/run/tap-1")
    do {
      var client = try served.connect()
      try client.send(.command(.tap(tap), waits: false))
      try served.turn()
      #expect(served.run.commands == [.tap(tap)])
    }
    try served.turn()
    #expect(served.run.commands == [.tap(tap), .untap(path: "/run/tap-1")])
    #expect(served.server!.clientCount == 0)
  }

  @Test func `a client that asks and hangs up is served all the same`() throws {
    let served = try ServedSocket()
    do {
      let client = try served.connectRaw()
      try client.sendText(#"{"schema":"procession.control/1","request":"pause"}"# + "\n")
    }
    try served.turn()
    #expect(served.run.commands == [.pause])
    #expect(served.server!.clientCount == 0)
  }

  @Test func `a client that closes its sending side still gets its answer`() throws {
    let served = try ServedSocket()
    let client = try served.connectRaw()
    try client.sendText(#"{"schema":"procession.control/1","request":"resume"}"# + "\r\n")
    #expect(shutdown(client.raw, Int32(SHUT_WR)) == 0)
    try served.turn()
    let (text, isEnd) = try client.arrived()
    #expect(
      text == #"{"reply":"accepted","schema":"procession.control/1","text":"as you say"}"# + "\n" && isEnd)
  }
}
