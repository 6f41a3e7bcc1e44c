import Glibc
import Testing
import ZeroMQ

struct SocketTests {
  @Test func messagesArriveInOrder() throws {
    let directory = SocketDirectory()
    let context = try Context(maximumSockets: 10)
    var pull = try Socket(context, .pull, highWaterMark: 1000)
    try pull.bind(directory.endpoint("in"))
    var push = try Socket(context, .push, highWaterMark: 1000)
    try push.connect(directory.endpoint("in"))
    for number in 0..<500 { try push.send(message("message \(number)")) }
    for number in 0..<500 { #expect(try nextText(from: pull) == "message \(number)") }
  }

  @Test func receiveReturnsNilWhenThereIsNothing() throws {
    let directory = SocketDirectory()
    let context = try Context(maximumSockets: 10)
    var pull = try Socket(context, .pull, highWaterMark: 10)
    try pull.bind(directory.endpoint("in"))
    #expect(try isEmpty(pull))
  }

  @Test func fullQueueNamesItsEndpoint() throws {
    let directory = SocketDirectory()
    let endpoint = directory.endpoint("nobody")
    let context = try Context(maximumSockets: 10)
    var push = try Socket(context, .push, highWaterMark: 3)
    try push.connect(endpoint)
    for _ in 0..<3 { try push.send(message("queued")) }
    let error = #expect(throws: ZeroMQError.queueFull(endpoint: endpoint)) {
      try push.send(message("too many"))
    }
    #expect(error?.errno == EAGAIN)
    #expect(error?.description == "zmq_msg_send \(endpoint): the send queue is at its high-water mark")
  }

  @Test func pushWithoutAnEndpointIsFull() throws {
    let context = try Context(maximumSockets: 10)
    let push = try Socket(context, .push, highWaterMark: 3)
    #expect(throws: ZeroMQError.queueFull(endpoint: "")) { try push.send(message("to nobody")) }
  }

  @Test(arguments: [
    ("nonsense", EINVAL), ("carrier-pigeon://coop", EPROTONOSUPPORT), ("tcp://127.0.0.1:none", EINVAL),
    ("ipc:///no/such/directory/socket", ENOENT),
  ])
  func badEndpointsAreTypedErrors(endpoint: String, errno: CInt) throws {
    let context = try Context(maximumSockets: 10)
    var pull = try Socket(context, .pull, highWaterMark: 10)
    let error = try #require(throws: ZeroMQError.self) { try pull.bind(endpoint) }
    #expect(error.call == "zmq_bind")
    #expect(error.endpoint == endpoint)
    #expect(error.errno == errno)
    #expect(!error.text.isEmpty)
    #expect(pull.endpoint == "")
  }

  @Test func pathsEndAt107Bytes() throws {
    let directory = SocketDirectory()
    let context = try Context(maximumSockets: 10)
    let room = Endpoint.longestPath - directory.path.utf8.count - 1
    var pull = try Socket(context, .pull, highWaterMark: 10)
    try pull.bind(directory.endpoint(String(repeating: "x", count: room)))
    let tooLong = directory.endpoint(String(repeating: "x", count: room + 1))
    let binding = try #require(throws: ZeroMQError.self) { try pull.bind(tooLong) }
    #expect(binding.errno == ENAMETOOLONG)
    #expect(
      binding.text == "the socket's path has 108 bytes; 107 is the most that a Unix socket can have")
    var push = try Socket(context, .push, highWaterMark: 10)
    let connecting = try #require(throws: ZeroMQError.self) { try push.connect(tooLong) }
    #expect(connecting.call == "zmq_connect")
    #expect(connecting.endpoint == tooLong)
  }

  @Test func aNewIncarnationGetsNothingOfTheOld() throws {
    let directory = SocketDirectory()
    let context = try Context(maximumSockets: 10)
    let (old, new) = (directory.endpoint("clean.0.1"), directory.endpoint("clean.0.2"))
    var push = try Socket(context, .push, highWaterMark: 10)
    do {
      var pull = try Socket(context, .pull, highWaterMark: 10)
      try pull.bind(old)
      try push.connect(old)
      try push.send(message("first"))
      #expect(try nextText(from: pull) == "first")
    }
    push.close()

    var replacement = try Socket(context, .pull, highWaterMark: 10)
    try replacement.bind(new)
    var second = try Socket(context, .push, highWaterMark: 10)
    try second.connect(new)
    #expect(second.endpoint == new)
    try second.send(message("again"))
    #expect(try nextText(from: replacement) == "again")
    #expect(try isEmpty(replacement))
  }

  @Test func disconnectDropsWhatIsQueued() throws {
    let directory = SocketDirectory()
    let context = try Context(maximumSockets: 10)
    let (old, new) = (directory.endpoint("old"), directory.endpoint("new"))
    var push = try Socket(context, .push, highWaterMark: 10)
    try push.connect(old)
    try push.send(message("for the old one"))
    try push.disconnect(old)
    var pull = try Socket(context, .pull, highWaterMark: 10)
    try pull.bind(new)
    try push.connect(new)
    try push.send(message("for the new one"))
    #expect(try nextText(from: pull) == "for the new one")
    let unknown = try #require(throws: ZeroMQError.self) { try push.disconnect(old) }
    #expect(unknown.errno == ENOENT)
    #expect(unknown.endpoint == old)
  }

  @Test func socketsAreLimitedByTheContext() throws {
    let context = try Context(maximumSockets: 1)
    let first = try Socket(context, .pull, highWaterMark: 1)
    let error = #expect(throws: ZeroMQError.self) { _ = try Socket(context, .pull, highWaterMark: 1) }
    #expect(error?.errno == EMFILE)
    first.close()
    let tooMany = #expect(throws: ZeroMQError.self) { _ = try Context(maximumSockets: 1_000_000) }
    #expect(tooMany?.text == "1000000 sockets asked for; libzmq allows 1 to 65535")
  }

  @Test func closingTheContextFirstDoesNotHang() throws {
    let directory = SocketDirectory()
    let context = try Context(maximumSockets: 10)
    var push = try Socket(context, .push, highWaterMark: 10)
    try push.connect(directory.endpoint("nobody"))
    try push.send(message("never read"))
    context.close()
    push.close()
  }
}
