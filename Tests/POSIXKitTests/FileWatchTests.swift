import Glibc
import POSIXKit
import TestSupport
import Testing

extension TemporaryFolder {
  fileprivate func open(_ name: String, _ flags: Int32 = O_RDWR | O_CREAT) throws -> Descriptor {
    try Descriptor.open("\(path)/\(name)", flags)
  }
}

struct FileWatchTests {
  private let folder = TemporaryFolder()

  private func hasWoken(_ watch: borrowing FileWatch) throws -> Bool {
    try Poller.wait(for: watch.descriptor, until: 0)
  }

  @Test func `names that come, go and move wake`() throws {
    let watch = try FileWatch()
    try watch.add(folder: folder.path)
    #expect(try !hasWoken(watch))
    let changes: [() throws -> Void] = [
      { _ = try folder.open("a") }, { rename(folder.path + "/a", folder.path + "/b") },
      { unlink(folder.path + "/b") },
    ]
    for change in changes {
      try change()
      #expect(try hasWoken(watch))
      try watch.clear()
      #expect(try !hasWoken(watch))
    }
  }

  @Test func `a file wakes when it grows or shrinks, whatever its name`() throws {
    var watch = try FileWatch()
    let first = try folder.open("a")
    let second = try folder.open("b")
    try watch.follow(first.raw)
    rename(folder.path + "/a", folder.path + "/c")
    try first.writeAll([1, 2, 3])
    #expect(try hasWoken(watch))
    try watch.clear()
    ftruncate(first.raw, 1)
    #expect(try hasWoken(watch))
    try watch.follow(second.raw)
    try watch.clear()
    try first.writeAll([4])
    #expect(try !hasWoken(watch))
    try second.writeAll([5])
    #expect(try hasWoken(watch))
  }

  @Test func `bytes move from a pipe to a file`() throws {
    let file = try folder.open("a")
    var pipe = try Pipe()
    let input = pipe.takeReadEnd()
    let output = pipe.takeWriteEnd().release()
    #expect(try file.takeBytes(fromPipe: input.raw, at: 0, count: 10) == .wouldBlock)
    #expect(write(output, [1, 2, 3, 4, 5] as [UInt8], 5) == 5)
    #expect(try file.takeBytes(fromPipe: input.raw, at: 0, count: 2) == .bytes(2))
    #expect(try file.takeBytes(fromPipe: input.raw, at: 2, count: 10) == .bytes(3))
    #expect(try file.readAll() == [1, 2, 3, 4, 5])
    close(output)
    #expect(try file.takeBytes(fromPipe: input.raw, at: 5, count: 10) == .end)
    var pair = try SocketPair(.stream)
    let socket = pair.takeNear()
    #expect(try file.takeBytes(fromPipe: socket.raw, at: 5, count: 10) == .unsupported)
  }
}
