import Glibc
import POSIXKit
import PipelineFile
import Records
import Stages
import Testing

/// A source over a pipe, whose writer and reader take turns in one thread.
private final class Stream {
  let source: StreamSource
  private var writer: Int32

  init(_ format: FileFormat) throws {
    var pipe = try Pipe()
    let plan = FileSourcePlan(pattern: "-", position: .test, files: [], format: format)
    source = StreamSource(plan, descriptor: pipe.takeReadEnd())
    writer = pipe.takeWriteEnd().release()
    try Descriptor.setNonblocking(lent: writer, true)
  }

  deinit { end() }

  /// Writes what the pipe takes, and returns how much that was.
  @discardableResult
  func write(_ bytes: some Collection<UInt8>) -> Int {
    max(0, Glibc.write(writer, Array(bytes), bytes.count))
  }

  func end() {
    if writer >= 0 { close(writer) }
    writer = -1
  }

  /// Feeds all of a text to the source and cuts whatever it offers.
  func cutAll(_ text: String) throws -> [Cut] {
    let bytes = Array(text.utf8)
    var written = 0
    var cuts: [Cut] = []
    var mark = InputMark()
    while true {
      if written < bytes.count { written += write(bytes[written...]) } else { end() }
      var buffer = BatchBuffer(headroom: 0, capacity: 0)
      var errors = RecordErrors(policy: .fail, worker: "read.0")
      switch try source.cut(at: mark, headroom: Cutting.headroom, into: &buffer, errors: &errors) {
      case .end: return cuts
      case .wait: continue
      case .batch(let batch):
        cuts.append(Cutting.own(batch, source, buffer, mark))
        mark = batch.end
      }
    }
  }

  /// The batch that the source offers, or nil if it waits or ends.
  func cut(at mark: InputMark = InputMark()) throws -> Cut? {
    var buffer = BatchBuffer(headroom: 0, capacity: 0)
    var errors = RecordErrors(policy: .fail, worker: "read.0")
    switch try source.cut(at: mark, headroom: Cutting.headroom, into: &buffer, errors: &errors) {
    case .end, .wait: return nil
    case .batch(let batch): return Cutting.own(batch, source, buffer, mark)
    }
  }
}

struct StreamSourceTests {
  @Test(arguments: SourceCase.all.filter { $0.files.count == 1 })
  func `a pipe gives the records of the file`(_ input: SourceCase) throws {
    let stream = try Stream(input.format)
    let cuts = try stream.cutAll(input.files[0])
    #expect(cuts.count > 1)
    var index = 0
    for cut in cuts {
      #expect(cut.batch.text.utf8.last == 0x0A)
      for record in try cut.batch.records() {
        try #require(index < input.records.count)
        try #require(record == input.records[index])
        index += 1
      }
    }
    #expect(index == input.records.count)
    #expect(!stream.source.canRepeat && stream.source.totalBytes == nil)
    #expect(stream.source.bytes(before: cuts.last!.end) == UInt64(input.files[0].utf8.count))
  }

  @Test func `what is there when the input pauses is cut, and no more`() throws {
    let stream = try Stream(.lines)
    #expect(try stream.cut() == nil)
    stream.write("one\ntwo\nthr".utf8)
    let first = try #require(try stream.cut())
    #expect(first.batch.text == "one\ntwo\n" && first.end.line == 3)
    #expect(try stream.cut(at: first.end) == nil)
    stream.write("ee".utf8)
    stream.end()
    let last = try #require(try stream.cut(at: first.end))
    #expect(last.batch.text == "three\n" && last.batch.provenance.line == 3)
    #expect(try stream.cut(at: last.end) == nil)
  }

  @Test func `blank lines before a pause count as lines`() throws {
    let stream = try Stream(.jsonLines)
    stream.write("\n\n".utf8)
    #expect(try stream.cut() == nil)
    stream.write("\n{}\n".utf8)
    let cut = try #require(try stream.cut())
    #expect(cut.batch.provenance.line == 3 && cut.batch.provenance.offset == 2 && cut.end.line == 5)
  }

  @Test func `the first record is not held back to look for a BOM`() throws {
    let stream = try Stream(.lines)
    stream.write("\n".utf8)
    #expect(try stream.cut()?.batch.text == "\n")
    let marked = try Stream(.lines)
    for byte in [0xEF, 0xBB] as [UInt8] {
      marked.write([byte])
      #expect(try marked.cut() == nil)
    }
    marked.write([0xBF, 0x61, 0x0A])
    #expect(try marked.cut()?.batch.text == "a\n")
  }

  @Test func `an empty pipe is an empty input, but no csv`() throws {
    #expect(try Stream(.lines).cutAll("").isEmpty)
    #expect(
      throws: StageFailure(
        "standard input:1: error: the file is empty; a CSV file begins with a row that names its columns")
    ) { try Stream(.csv(CSVOptions())).cutAll("") }
  }

  @Test func `errors name standard input and the line`() throws {
    do {
      _ = try Stream(.jsonLines).cutAll("{}\n{}\n{\n")
      Issue.record("no error")
    } catch let error as StageFailure {
      #expect(error.description.hasPrefix("standard input:3:2: error: "))
    }
  }
}
