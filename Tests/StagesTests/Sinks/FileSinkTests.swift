import Glibc
import PipelineFile
import Stages
import TestSupport
import Testing

struct FileSinkTests {
  private let folder = TemporaryFolder()

  private func csv(columns: [String]? = nil) -> FileFormat { .csv(CSVOptions(columns: columns)) }

  private func failure(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func `the columns of the first record survive a restart`() throws {
    let batches = try folder.batches("{\"b\":1,\"a\":2}\n", .jsonLines)
    var first: (any StageSink)? = try folder.sink(csv(), state: nil)
    try first!.write(batches)
    let state = try first!.commit()
    first = nil
    let second = try folder.sink(csv(), state: state)
    try second.write(folder.batches("{\"a\":4,\"b\":3}\n{\"a\":5}\n", .jsonLines))
    _ = try second.commit()
    try second.finish()
    #expect(folder.text("out") == "b,a\n1,2\n3,4\n,5\n")
  }

  @Test func `a field that is no column is an error at its record`() throws {
    let sink = try folder.sink(csv(), state: nil)
    let batches = try folder.batches("{\"a\":1}\n\n{\"a\":1,\"x\":2}\n", .jsonLines)
    let text = failure { try sink.write(batches) }
    #expect(
      text
        == "standard input:3: error: column 'x': is not among the columns (a); add it to them, or drop the field before"
    )
  }

  @Test func `a first record whose field comes twice has one column of that name`() throws {
    let sink = try folder.sink(csv(), state: nil)
    try sink.write(folder.batches("{\"a\":1,\"b\":2,\"a\":3}\n", .jsonLines))
    _ = try sink.commit()
    #expect(folder.text("out") == "a,b\n3,2\n")
  }

  @Test func `what is no object is no row`() throws {
    let sink = try folder.sink(csv(), state: nil)
    let text = failure { try sink.write(folder.batches("\n[1]\n", .jsonLines)) }
    #expect(text?.hasPrefix("standard input:2: error: expected a JSON object") == true)
    let lines = failure { try sink.write(folder.batches("x\n", .lines)) }
    #expect(
      lines == "standard input:1: error: a line of text has no columns; "
        + "make objects of lines with a map step before a csv sink")
  }

  @Test func `declared columns are written even without a record`() throws {
    let sink = try folder.sink(csv(columns: ["x", "y,z"]), state: nil)
    _ = try sink.commit()
    try sink.finish()
    #expect(folder.text("out") == "x,\"y,z\"\n")
  }

  @Test func `appending keeps what is there, and a csv file's columns`() throws {
    folder.write("out", "b,a\n1,2\n")
    let state = try folder.prepare(folder.sinkPlan(csv(), existing: .append))
    let sink = try folder.sink(csv(), state: state)
    try sink.write(folder.batches("{\"a\":4,\"b\":3}\n", .jsonLines))
    _ = try sink.commit()
    try sink.finish()
    #expect(folder.text("out") == "b,a\n1,2\n3,4\n")
    #expect(sink.summary.bytes == 4 && sink.summary.records == 1)
    folder.write("out", "half a line")
    #expect(
      failure { _ = try folder.prepare(folder.sinkPlan(.lines, existing: .append)) }
        == "out: error: it does not end with a newline, so nothing can be appended to it")
    folder.write("out", "c\n")
    #expect(
      failure { _ = try folder.prepare(folder.sinkPlan(csv(columns: ["d"]), existing: .append)) }
        == "out:1: error: its columns are not those of the sink; they must be the same")
  }

  @Test func `a file is replaced if this pipeline wrote it, or if the plan says so`() throws {
    let own = folder.sinkPlan(.lines)
    _ = try folder.prepare(own)
    folder.write("out", "ours\n")
    _ = try folder.prepare(own)
    #expect(folder.text("out") == "")
    folder.write("theirs", "theirs\n")
    rename(folder.file("theirs"), folder.file("out"))
    #expect(
      failure { _ = try folder.prepare(own) }
        == "p.yaml:3:5: error: out exists and was not written by this pipeline; "
        + "move it away, or write 'existing: replace' or 'existing: append'")
    #expect(failure { _ = try folder.prepare(folder.sinkPlan(.lines, existing: .refuse)) } != nil)
    #expect(folder.text("out") == "theirs\n")
    _ = try folder.prepare(folder.sinkPlan(.lines, existing: .replace))
    #expect(folder.text("out") == "")
  }

  @Test func `two sinks never write one file`() throws {
    let first = try folder.sink(.lines, state: nil)
    #expect(
      failure { _ = try folder.sink(.lines, state: nil) }
        == "out: error: another process is writing it (pid \(getpid()))")
    _ = try first.commit()
  }

  @Test func `an output that lost committed bytes is an error, not a row of zeros`() throws {
    var first: (any StageSink)? = try folder.sink(.lines, state: nil)
    try first!.write(folder.batches("one\ntwo\n", .lines))
    let state = try first!.commit()
    first = nil
    folder.write("out", "one\n")
    #expect(
      failure { _ = try folder.sink(.lines, state: state) }
        == "out: error: 8 bytes of it were committed and it has 4 now; leave output files as they are during a run"
    )
  }

  @Test func `a damaged state is refused and truncates nothing`() {
    folder.write("out", "precious\n")
    #expect(failure { _ = try folder.sink(.lines, state: [1, 2, 3]) } != nil)
    #expect(folder.text("out") == "precious\n")
  }
}
