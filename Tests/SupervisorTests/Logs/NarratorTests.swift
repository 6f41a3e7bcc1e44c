import Glibc
import POSIXKit
import Supervisor
import TestSupport
import Testing

struct NarratorTests {
  private func text(of descriptor: borrowing Descriptor) throws -> String {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor.raw, &part, part.count)
      if count <= 0 { break }
      bytes += part[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func `a reader that does not read costs messages, which are counted, and no time`() throws {
    var pipe = try Pipe()
    let reading = pipe.takeReadEnd()
    let writing = pipe.takeWriteEnd()
    let narrator = Narrator(drawer: nil, standardError: writing.raw)
    let line = String(repeating: "x", count: 1023)
    let began = MonotonicClock.now()
    // 64 KiB are the pipe's, 1 MiB waits, the rest is dropped.
    for _ in 0..<4096 { narrator.write(line) }
    #expect(MonotonicClock.now() - began < 5_000_000_000)
    // Others that share the pipe still wait for it: its mode was left alone.
    #expect(fcntl(writing.raw, F_GETFL) & O_NONBLOCK == 0)

    try reading.setNonblocking()
    var found = ""
    for _ in 0..<200 {
      found += try text(of: reading)
      try narrator.proceed()
    }
    narrator.close()
    found += try text(of: reading)
    let lines = found.split(separator: "\n")
    let whole = lines.filter { $0 == line }.count
    #expect(whole > 1000 && whole < 1200)
    #expect(lines.count == whole + 1)
    #expect(lines.last == "(\(4096 - whole) messages were dropped: standard error was too slow)")
  }

  @Test func `a reader that is gone ends nothing`() throws {
    signal(SIGPIPE, SIG_IGN)
    var pipe = try Pipe()
    let writing = pipe.takeWriteEnd()
    close(pipe.takeReadEnd().release())
    let narrator = Narrator(drawer: nil, standardError: writing.raw)
    narrator.write("nobody hears this")
    narrator.write("nor this")
    narrator.close()
  }

  @Test func `a file gets each message once`() throws {
    let scratch = TemporaryFolder()
    let file = try Descriptor.open(scratch.file("err"), O_WRONLY | O_CREAT)
    let narrator = Narrator(drawer: nil, standardError: file.raw)
    narrator.write("one\n  more")
    narrator.write("two")
    narrator.close()
    narrator.write("after its end")
    #expect(scratch.text("err") == "one\n  more\ntwo\n")
  }
}
