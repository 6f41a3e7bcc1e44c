import Glibc
import POSIXKit
import Testing

struct DescriptorTests {
  @Test func `a descriptor closes with its owner and is close-on-exec`() throws {
    let raw: Int32
    do {
      let file = try Descriptor.open("/dev/null")
      raw = file.raw
      #expect(fcntl(raw, F_GETFD) & FD_CLOEXEC != 0)
    }
    // Another test may have been given the number meanwhile; then it is not ours to ask about.
    _ = raw
  }

  @Test func `an error names the call, the reason and the subject`() {
    let error = #expect(throws: SystemCallError.self) { try Self.open("/nowhere/file") }
    #expect(error?.errno == ENOENT)
    #expect(
      error?.description
        == "Unable to open '/nowhere/file': it does not exist. 'openat' system call failed with '(2) ENOENT'."
    )
  }

  private static func open(_ path: String) throws(SystemCallError) { _ = try Descriptor.open(path) }

  @Test func `a pipe's end and would-block are facts`() throws {
    var pipe = try Pipe()
    let reader = pipe.takeReadEnd()
    let writer = pipe.takeWriteEnd()
    try reader.setNonblocking()
    #expect(try Self.read(reader) == .wouldBlock)
    try writer.writeAll([1, 2, 3])
    #expect(try Self.read(reader) == .bytes(3))
    _ = consume writer
    #expect(try Self.read(reader) == .end)
  }

  private static func read(_ descriptor: borrowing Descriptor) throws -> ReadResult {
    try withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { try descriptor.read(into: $0) }
  }

  @Test func `descriptors travel with a message`() throws {
    var pair = try SocketPair(.sequenced)
    let near = pair.takeNear()
    let far = pair.takeFar()
    let page = try SharedMemory(size: 4096, name: "test")
    page.word(at: 8).store(42)
    #expect(try near.send([9], passing: [page.descriptor.raw]) == .bytes(1))
    guard case .message(var message) = try far.receivePassed() else {
      Issue.record("no message")
      return
    }
    #expect(message.bytes == [9])
    let passed = message.takeDescriptor(at: 0)!
    let mapped = try SharedMemory(mapping: passed)
    #expect(mapped.word(at: 8).load() == 42)
    #expect(mapped.word(at: 8).add(1) == 42)
    #expect(page.word(at: 8).load() == 43)
    _ = consume near
    if case .end = try far.receivePassed() {} else { Issue.record("no end") }
  }
}
