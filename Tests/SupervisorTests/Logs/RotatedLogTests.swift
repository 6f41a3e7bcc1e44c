import Glibc
import POSIXKit
import Supervisor
import TestSupport
import Testing

struct RotatedLogTests {
  @Test func `records are appended, to what is there already too`() throws {
    let scratch = TemporaryFolder()
    let first = try RotatedLog(scratch.file("log"))
    first.write("one")
    first.write("two\n  and more")
    first.close()
    let second = try RotatedLog(scratch.file("log"))
    second.write("three")
    #expect(scratch.text("log") == "one\ntwo\n  and more\nthree\n")
  }

  @Test func `a full file makes room, and only so many are kept`() throws {
    let scratch = TemporaryFolder()
    let log = try RotatedLog(scratch.file("log"), mostBytes: 10, kept: 2)
    for number in 1...9 { log.write("line\(number)") }
    #expect(scratch.names() == ["log", "log.1", "log.2"])
    #expect(scratch.text("log.2") == "line7\n")
    #expect(scratch.text("log") == "line9\n")
    #expect(scratch.text("log.1") == "line8\n")
  }

  @Test func `no file is beyond its bound, unless one record is`() throws {
    let scratch = TemporaryFolder()
    let log = try RotatedLog(scratch.file("log"), mostBytes: 64, kept: 4)
    for number in 1...200 { log.write(String(repeating: "x", count: number % 40)) }
    for name in scratch.names() { #expect(try bytesOfFile(scratch.file(name)).count <= 64) }
    let long = String(repeating: "y", count: 100)
    log.write(long)
    log.write("next")
    #expect(scratch.text("log.1") == long + "\n" && scratch.text("log") == "next\n")
  }

  @Test func `what a full disk did not take is counted and told`() throws {
    let scratch = TemporaryFolder()
    // A link to a device that is always full, until it is replaced.
    symlink("/dev/full", scratch.file("log"))
    let log = try RotatedLog(scratch.file("log"))
    log.write("lost")
    log.write("lost too")
    #expect(scratch.names() == ["log"])
    unlink(scratch.file("log"))
    log.write("found")
    log.write("found too")
    let lines = (scratch.text("log") ?? "").split(separator: "\n")
    #expect(lines.count == 3 && lines.dropFirst() == ["found", "found too"])
    #expect(lines.first?.hasPrefix("(2 messages were lost: ") == true, "\(lines)")
    #expect(lines.first?.contains("the device is full") == true, "\(lines)")
  }

  @Test func `a log that can't be opened is an error with its path`() {
    #expect {
      try RotatedLog("/nowhere/log")
    } throws: { "\($0)".contains("/nowhere/log") }
  }
}
