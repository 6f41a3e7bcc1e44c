import Glibc
import Synchronization
import Testing
import ZeroMQ

struct MessageTests {
  @Test(arguments: [0, 1, 29, 33, 34, 8192, 300_000])
  func contentOfAnySize(size: Int) throws {
    var message = try Message(size: size)
    #expect(message.count == size)
    message.withMutableBytes { bytes in
      for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: index) }
    }
    let copy = try Message(copying: message.bytes)
    #expect(copy.withBytes { copied in message.withBytes { copied.elementsEqual($0) } })
  }

  @Test func sharesHaveOneContent() throws {
    var original = try Message(size: 100_000)
    original.withMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: 7) }
    let share = original.share()
    #expect(share.bytes.baseAddress == original.bytes.baseAddress)
    #expect(share.count == 100_000)
    _ = consume original
    #expect(share.withBytes { $0.allSatisfy { $0 == 7 } })
  }

  @Test(arguments: 0..<3)
  func takenBufferIsReleasedOnce(shares: Int) throws {
    let released = Released()
    do {
      let message = try released.message(size: 50_000)
      for _ in 0..<shares {
        let share = message.share()
        #expect(share.count == 50_000)
      }
      #expect(released.count == 0)
    }
    #expect(released.count == 1)
  }

  @Test func takenBufferOutlivesTheOriginalInAShare() throws {
    let released = Released()
    let original = try released.message(size: 50_000)
    let share = original.share()
    _ = consume original
    #expect(released.count == 0)
    _ = consume share
    #expect(released.count == 1)
  }

  @Test func sentBufferIsReleasedOnceWhenEveryShareIsGone() throws {
    let directory = SocketDirectory()
    let released = Released()
    do {
      let context = try Context(maximumSockets: 4)
      var pull = try Socket(context, .pull, highWaterMark: 10)
      try pull.bind(directory.endpoint("a"))
      var push = try Socket(context, .push, highWaterMark: 10)
      try push.connect(directory.endpoint("a"))
      let retained = try released.message(size: 50_000)
      for _ in 0..<3 {
        try push.send(retained.share())
        #expect(try next(from: pull)?.count == 50_000)
      }
      #expect(released.count == 0)
    }
    #expect(released.count == 1)
  }

  @Test func bufferFromMallocIsTaken() throws {
    let buffer = UnsafeMutableRawBufferPointer(start: malloc(100_000), count: 100_000)
    let message = try Message(taking: buffer)
    #expect(message.bytes.baseAddress == UnsafeRawPointer(buffer.baseAddress))
  }
}

/// Counts how often the buffers of its messages are given back.
private final class Released: Sendable {
  private let counter = Atomic(0)

  var count: Int { counter.load(ordering: .sequentiallyConsistent) }

  func message(size: Int) throws -> Message {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
    return try Message(taking: buffer, hint: Unmanaged.passUnretained(self).toOpaque()) { data, hint in
      free(data)
      let released = Unmanaged<Released>.fromOpaque(hint!).takeUnretainedValue()
      released.counter.add(1, ordering: .sequentiallyConsistent)
    }
  }
}
