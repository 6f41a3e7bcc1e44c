import Glibc
import PipelineFile
import Records
import Stages
import TestSupport
import Testing

/// A file that is followed, with what the source says of it.
private final class Followed {
  let folder = TemporaryFolder()
  let run: Arrivals
  private let said = Said()

  /// What sources say, whichever incarnation.
  private final class Said { var lines: [String] = [] }

  var lines: [String] { said.lines }

  init(_ text: String?, _ format: FileFormat = .lines, name: String = "log") throws {
    if let text { folder.write(name, text) }
    let file =
      text == nil
      ? InputFile(path: folder.file(name), shown: name, size: 0, device: 0, inode: 0) : folder.input(name)
    let plan = FileSourcePlan(pattern: name, position: .test, files: [file], format: format, follow: true)
    run = try Arrivals { [said] in
      try FollowSource(plan, grace: .milliseconds(20)) { said.lines.append($0) }
    }
  }

  func rename(_ old: String, _ new: String) { Glibc.rename(folder.file(old), folder.file(new)) }
}

struct FollowSourceTests {
  @Test(arguments: SourceCase.all.filter { $0.files.count == 1 })
  func `a file that was there gives its records, and the same batches again`(_ input: SourceCase) throws {
    let followed = try Followed(input.files[0] + (input.files[0].hasSuffix("\n") ? "" : "\n"), input.format)
    try followed.run.drain()
    let records = try followed.run.cuts.flatMap { try $0.batch.records() }
    #expect(records == input.records)
    try followed.run.restart(from: 0)
    try followed.run.restart(from: followed.run.cuts.count / 2)
    #expect(try followed.run.next() == nil && followed.lines.isEmpty)
  }

  @Test func `what is appended is cut when its line is complete`() throws {
    let followed = try Followed("one\ntw")
    #expect(try followed.run.next()?.batch.text == "one\n")
    #expect(try followed.run.next() == nil)
    followed.folder.append("log", "o\nthree\n")
    try followed.run.waitForInput()
    let cut = try #require(try followed.run.next())
    #expect(cut.batch.text == "two\nthree\n" && cut.batch.provenance.line == 2 && cut.end.line == 4)
    #expect(try followed.run.next() == nil && followed.run.source.isEndless)
  }

  @Test func `a file that is not there is waited for`() throws {
    let followed = try Followed(nil)
    #expect(try followed.run.next() == nil)
    try followed.run.restart()
    #expect(try followed.run.next() == nil)
    followed.folder.write("log", "one\n")
    #expect(try followed.run.next()?.batch.text == "one\n")
    #expect(followed.lines.isEmpty)
  }

  @Test(arguments: ["new\n", "another text that is longer\n"], [false, true])
  func `a truncated file is read from its beginning`(text: String, restarts: Bool) throws {
    let followed = try Followed("one\ntwo\n")
    try followed.run.drain()
    truncate(followed.folder.file("log"), 0)
    if restarts { try followed.run.restart() } else { try followed.run.waitForInput() }
    followed.folder.append("log", text)
    let cut = try #require(try followed.run.next())
    #expect(cut.batch.text == text && cut.batch.provenance.line == 1 && cut.end.file == 1)
    #expect(followed.lines == ["log was truncated; reading it from its beginning"])
    #expect(try followed.run.next() == nil)
    try followed.run.restart(from: 1)
  }

  @Test func `a truncated file that stays empty is told once`() throws {
    let followed = try Followed("one\n")
    try followed.run.drain()
    truncate(followed.folder.file("log"), 0)
    for _ in 0..<3 { #expect(try followed.run.next() == nil) }
    #expect(followed.lines.count == 1)
  }

  @Test(arguments: [false, true])
  func `a renamed file is read to its end before the new one`(restarts: Bool) throws {
    let followed = try Followed("one\n")
    try followed.run.drain()
    followed.rename("log", "log.1")
    followed.folder.append("log.1", "two\n")
    if restarts { try followed.run.restart() }
    #expect(try followed.run.next()?.batch.text == "two\n")
    #expect(try followed.run.next() == nil)
    followed.folder.append("log.1", "thr")
    followed.folder.write("log", "new\n")
    followed.folder.append("log.1", "ee")
    if restarts { try followed.run.restart(from: 0) }
    #expect(try followed.run.next()?.batch.text == "three\n")
    if restarts { try followed.run.restart(from: 0) }
    let cut = try #require(try followed.run.next())
    #expect(cut.batch.text == "new\n" && cut.end.file == 1 && cut.batch.provenance.offset == 0)
    try followed.run.restart(from: 0)
    #expect(try followed.run.next() == nil && followed.lines.isEmpty)
  }

  @Test func `a new incarnation anywhere changes nothing`() throws {
    for interval in 1...4 {
      let followed = try Followed(nil)
      var expected = ""
      for step in 0..<24 {
        if step % 8 == 7 {
          followed.rename("log", "log.\(step)")
          followed.folder.write("log", "")
        }
        followed.folder.append("log", "line \(step)\n")
        expected += "line \(step)\n"
        if step % interval == 0 { try followed.run.restart() }
        // Every file is met before the next rotation.
        if step % 2 == 0 || step % 8 == 6 { try followed.run.drain() }
      }
      try followed.run.drain()
      #expect(followed.run.text == expected, "restarted every \(interval)")
      try followed.run.restart(from: 0)
      #expect(followed.lines.isEmpty)
    }
  }

  @Test func `each file has its header again`() throws {
    let followed = try Followed("a,b\n1,2\n", .csv(CSVOptions()), name: "log.csv")
    try followed.run.drain()
    followed.rename("log.csv", "log.1.csv")
    followed.folder.write("log.csv", "a,b\n3,4\n")
    try followed.run.drain()
    #expect(followed.run.text == "1,2\n3,4\n")
    #expect(followed.run.cuts.map(\.batch.provenance.line) == [2, 2])
    try followed.run.restart(from: 0)
    followed.folder.append("log.csv", "5,6\n")
    try followed.run.restart()
    #expect(try followed.run.next()?.batch.text == "5,6\n")
    truncate(followed.folder.file("log.csv"), 0)
    followed.folder.append("log.csv", "b,a\n7,8\n")
    #expect(throws: StageFailure.self) { try followed.run.next() }
  }

  @Test func `headers may change where each counts`() throws {
    var options = CSVOptions()
    options.headers = .each
    let followed = try Followed("a,b\n1,2\n", .csv(options), name: "log.csv")
    try followed.run.drain()
    truncate(followed.folder.file("log.csv"), 0)
    followed.folder.append("log.csv", "c\n3\n")
    try followed.run.drain()
    #expect(followed.run.text == "1,2\n3\n")
    #expect(followed.run.cuts[0].batch.schema != followed.run.cuts[1].batch.schema)
  }

  @Test func `a file that went away while nobody read is told, and the new one read`() throws {
    let followed = try Followed("one\ntwo\n")
    try followed.run.drain()
    // Another file is there before the first is gone, so that it can't get its inode.
    followed.folder.write("next", "new\n")
    followed.rename("next", "log")
    try followed.run.restart()
    #expect(try followed.run.next()?.batch.text == "new\n")
    #expect(followed.lines.count == 1)
    #expect(followed.lines[0].hasPrefix("log: the file that was being read is gone; what was written to it"))
    #expect(followed.lines[0].contains("from byte 8 on is lost"))
  }

  @Test func `a batch whose bytes are gone is told and empty`() throws {
    let followed = try Followed("one\n")
    try followed.run.drain()
    let cut = followed.run.cuts[0]
    truncate(followed.folder.file("log"), 0)
    followed.folder.append("log", "two\n")
    let again = try followed.run.again(cut)
    #expect(again.end == cut.end && again.batch.recordCount == 0 && again.batch.byteCount == 0)
    #expect(followed.lines.count == 1)
    #expect(followed.lines[0].hasPrefix("log: bytes 0 to 4 were being delivered and can't be read again"))
    #expect(try followed.run.next()?.batch.text == "two\n")
  }

  @Test func `a file behind a link is followed through its rotation`() throws {
    let folder = TemporaryFolder()
    mkdir(folder.file("logs"), 0o700)
    folder.write("logs/a", "one\n")
    symlink("logs/a", folder.file("link"))
    let plan = FileSourcePlan(
      pattern: "link", position: .test, files: [folder.input("link")], format: .lines, follow: true)
    let run = try Arrivals { try FollowSource(plan, grace: .milliseconds(20)) { _ in } }
    try run.drain()
    rename(folder.file("logs/a"), folder.file("logs/a.1"))
    folder.append("logs/a.1", "two\n")
    try run.restart(from: 0)
    try run.drain()
    #expect(try run.next() == nil)
    folder.write("logs/a", "three\n")
    try run.waitForInput()
    try run.drain()
    #expect(run.text == "one\ntwo\nthree\n")
  }
}
