import Glibc
import Testing
import ZeroMQ

struct PollerTests {
  @Test func socketsAndDescriptorsTogether() throws {
    let directory = SocketDirectory()
    let context = try Context(maximumSockets: 10)
    var pull = try Socket(context, .pull, highWaterMark: 10)
    try pull.bind(directory.endpoint("in"))
    var ends: [CInt] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { for end in ends where end >= 0 { close(end) } }

    var poller = Poller(capacity: 2)
    let socket = poller.add(pull)
    let descriptor = poller.add(descriptor: ends[0])
    #expect(poller.count == 2)
    #expect(try poller.wait(milliseconds: 0) == 0)

    write(ends[1], "x", 1)
    #expect(try poller.wait(milliseconds: nil) == 1)
    #expect(poller.ready(at: descriptor) == .readable)
    #expect(poller.ready(at: socket) == [])

    poller.setEvents(at: descriptor, [])
    #expect(try poller.wait(milliseconds: 0) == 0)

    var push = try Socket(context, .push, highWaterMark: 10)
    try push.connect(directory.endpoint("in"))
    try push.send(message("hello"))
    #expect(try poller.wait(milliseconds: patience) == 1)
    #expect(poller.ready(at: socket) == .readable)

    poller.setEvents(at: descriptor, .readable)
    #expect(try poller.wait(milliseconds: patience) == 2)

    poller.removeAll()
    let writable = poller.add(push, .writable)
    #expect(try poller.wait(milliseconds: patience) == 1)
    #expect(poller.ready(at: writable) == .writable)
  }

  @Test func theOtherEndOfAPipeGoingIsReported() throws {
    var ends: [CInt] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { close(ends[0]) }
    close(ends[1])
    var poller = Poller()
    let index = poller.add(descriptor: ends[0])
    #expect(try poller.wait(milliseconds: patience) == 1)
    #expect(poller.ready(at: index).contains(.failed))
  }

  @Test func aClosedContextIsAnError() throws {
    let context = try Context(maximumSockets: 2)
    let pull = try Socket(context, .pull, highWaterMark: 1)
    var poller = Poller()
    poller.add(pull)
    context.close()
    let error = #expect(throws: ZeroMQError.self) { try poller.wait(milliseconds: nil) }
    #expect(error?.call == "zmq_poll")
    pull.close()
  }
}
