import Glibc
import POSIXKit
import PipelineFile
import Stages
import TestSupport
import Testing

/// A spooled input, whose writer and reader take turns in one thread.
private final class Spooled {
  static let segmentBytes = 100_000
  let folder = TemporaryFolder()
  private(set) var run: Arrivals!
  private var writer: Int32
  private let reader: Descriptor

  init(_ format: FileFormat = .lines, segmentBytes: Int = Spooled.segmentBytes, isPipe: Bool = true) throws {
    if isPipe {
      var pipe = try Pipe()
      reader = pipe.takeReadEnd()
      writer = pipe.takeWriteEnd().release()
    } else {
      var pair = try SocketPair(.stream)
      reader = pair.takeNear()
      writer = pair.takeFar().release()
    }
    try Descriptor.setNonblocking(lent: writer, true)
    let plan = FileSourcePlan(pattern: "-", position: .test, files: [], format: format, spool: true)
    let (path, input) = (folder.file("spool"), reader.raw)
    run = try Arrivals {
      try SpoolSource(
        plan, folder: path, segmentBytes: segmentBytes, input: Descriptor.duplicate(input))
    }
  }

  deinit { end() }

  @discardableResult
  func write(_ bytes: some Collection<UInt8>) -> Int {
    max(0, Glibc.write(writer, Array(bytes), bytes.count))
  }

  func end() {
    if writer >= 0 { close(writer) }
    writer = -1
  }

  /// Feeds all of a text to the source and cuts whatever it offers, with something done before each cut.
  func cutAll(_ text: String, before: () throws -> Void = {}) throws {
    let bytes = Array(text.utf8)
    var written = 0
    while !run.hasEnded {
      if written < bytes.count { written += write(bytes[written...]) } else { end() }
      try before()
      try run.next()
    }
  }

  var names: [String] { ((try? namesInFolder(folder.file("spool"))) ?? []).sorted() }
}

struct SpoolSourceTests {
  @Test(arguments: SourceCase.all.filter { $0.files.count == 1 }, [true, false])
  func `an input gives the records of the file, and the same batches again`(
    _ input: SourceCase, isPipe: Bool
  ) throws {
    let spooled = try Spooled(input.format, isPipe: isPipe)
    try spooled.cutAll(input.files[0])
    #expect(try spooled.run.cuts.flatMap { try $0.batch.records() } == input.records)
    let size = UInt64(input.files[0].utf8.count)
    #expect(spooled.run.source.totalBytes == size && spooled.run.source.canRepeat)
    #expect(spooled.run.source.bytes(before: spooled.run.mark) == size)
    try spooled.run.restart(from: 0)
    try spooled.run.restart(from: spooled.run.cuts.count / 2)
    #expect(try spooled.run.next() == nil && spooled.run.hasEnded)
  }

  @Test(arguments: SourceCase.all.filter { $0.files.count == 1 })
  func `a new incarnation anywhere changes nothing`(_ input: SourceCase) throws {
    let spooled = try Spooled(input.format)
    try spooled.cutAll(input.files[0]) { try spooled.run.restart() }
    #expect(try spooled.run.cuts.flatMap { try $0.batch.records() } == input.records)
    try spooled.run.restart(from: 0)
  }

  @Test(arguments: SourceCase.all.filter { $0.files.count == 1 })
  func `what is not needed any more goes, and the header stays`(_ input: SourceCase) throws {
    let spooled = try Spooled(input.format)
    try spooled.cutAll(input.files[0]) {
      if spooled.run.cuts.count % 3 == 2 { try spooled.run.restart() }
      let source = spooled.run.source
      if source.holdsUnneeded(before: spooled.run.mark) { try source.release(before: spooled.run.mark) }
      #expect(!source.holdsUnneeded(before: spooled.run.mark))
    }
    #expect(try spooled.run.cuts.flatMap { try $0.batch.records() } == input.records)
    #expect(spooled.names.contains("header") && !spooled.names.contains("0"))
    let last = spooled.run.cuts.count - 1
    try spooled.run.restart(from: last)
    #expect(try spooled.run.next() == nil && spooled.run.hasEnded)
  }

  @Test func `what is there when the input pauses is cut, and no more`() throws {
    let spooled = try Spooled()
    #expect(try spooled.run.next() == nil && !spooled.run.hasEnded)
    spooled.write("one\ntwo\nthr".utf8)
    try spooled.run.waitForInput()
    #expect(try spooled.run.next()?.batch.text == "one\ntwo\n")
    #expect(try spooled.run.next() == nil)
    spooled.write("ee".utf8)
    try spooled.run.restart(from: 0)
    #expect(try spooled.run.next() == nil)
    spooled.end()
    #expect(try spooled.run.next()?.batch.text == "three\n")
    #expect(try spooled.run.next() == nil && spooled.run.hasEnded)
  }

  @Test func `another input goes on where the one before it left off`() throws {
    let spooled = try Spooled()
    spooled.write("one\ntw".utf8)
    try spooled.run.drain()
    var pipe = try Pipe()
    let writer = pipe.takeWriteEnd()
    try writer.writeAll(Array("o\nthree\n".utf8))
    let plan = FileSourcePlan(pattern: "-", position: .test, files: [], format: .lines, spool: true)
    let input = pipe.takeReadEnd().release()
    let next = try Arrivals { [path = spooled.folder.file("spool")] in
      try SpoolSource(plan, folder: path, segmentBytes: 100_000, input: Descriptor.duplicate(input))
    }
    try next.drain()
    #expect(next.text == "one\ntwo\nthree\n")
    close(input)
  }

  @Test func `an input that has ended needs no reader any more`() throws {
    let spooled = try Spooled()
    try spooled.cutAll("one\n")
    #expect(spooled.names == ["0", "end"])
    let plan = FileSourcePlan(pattern: "-", position: .test, files: [], format: .lines, spool: true)
    let next = try Arrivals { [path = spooled.folder.file("spool")] in
      // It can't be read.
      try SpoolSource(
        plan, folder: path, segmentBytes: 100_000, input: Descriptor.open("/dev/null", O_WRONLY))
    }
    try next.drain()
    #expect(next.text == "one\n" && next.hasEnded)
  }

  @Test func `a place that the spool does not reach is an error`() throws {
    let spooled = try Spooled()
    try spooled.cutAll("one\n")
    try Spool.remove(spooled.folder.file("spool"))
    try spooled.run.restart()
    #expect(throws: StageFailure.self) { try spooled.run.next() }
  }

  @Test func `an empty input is no csv`() throws {
    let spooled = try Spooled(.csv(CSVOptions()))
    #expect(
      throws: StageFailure(
        "standard input:1: error: the file is empty; a CSV file begins with a row that names its columns")
    ) { try spooled.cutAll("") }
    let lines = try Spooled()
    try lines.cutAll("")
    #expect(lines.run.cuts.isEmpty)
  }
}
