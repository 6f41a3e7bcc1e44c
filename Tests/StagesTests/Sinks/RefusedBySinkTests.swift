import PipelineFile
import Records
import Stages
import TestSupport
import Testing

/// What a sink does with records that its format can't hold.
struct RefusedBySinkTests {
  private let folder = TemporaryFolder()

  private func write(
    _ batch: OwnedBatch, _ format: FileFormat, _ errors: inout RecordErrors
  ) throws -> UInt64 {
    let sink = try folder.sink(format, state: nil)
    try batch.withView { try sink.write($0, errors: &errors) }
    _ = try sink.commit()
    try sink.finish()
    return sink.summary.records
  }

  private func letters() -> RecordErrors { RecordErrors(policy: .deadLetter, worker: "out.0") }

  @Test func `a csv sink refuses what is no object, has other fields or a NUL`() throws {
    let text =
      "[1]\n{}\n{\"b\":\"\\u0000\"}\n{\"a\":1}\n\n{\"a\":1,\"x\":2}\n{\"a\":\"\\u0000\"}\n3\n{\"a\":2}\n"
    let batch = try folder.batches(text, .jsonLines)[0]
    var errors = letters()
    #expect(try write(batch, .csv(CSVOptions()), &errors) == 2)
    #expect(folder.text("out") == "a\n1\n2\n")
    let found = errors.takeLetters()
    #expect(found.map(\.record) == [0, 1, 2, 4, 5, 6] && found.map(\.line) == [1, 2, 3, 6, 7, 8])
    #expect(found[0].cause == .error("expected a JSON object, found an array"))
    #expect(found[3].bytes == Array("{\"a\":1,\"x\":2}".utf8))
  }

  @Test func `lines of text have no columns`() throws {
    let batch = try folder.batches("a\nb\n", .lines)[0]
    var errors = letters()
    #expect(try write(batch, .csv(CSVOptions()), &errors) == 0)
    #expect(errors.deadCount == 2 && folder.text("out") == "")
  }

  @Test(arguments: [FileFormat.jsonLines, .csv(CSVOptions()), .lines])
  func `rows that are no rows are passed over`(_ output: FileFormat) throws {
    let batch = try folder.batches("a,b\r\n1,2\n3\r\n\"x\"y,5\n6,7\n", .csv(CSVOptions()))[0]
    var errors = letters()
    #expect(try write(batch, output, &errors) == 2)
    let expected: String
    switch output {
    case .jsonLines: expected = "{\"a\":1,\"b\":2}\n{\"a\":6,\"b\":7}\n"
    case .csv: expected = "a,b\n1,2\n6,7\n"
    case .lines: expected = "1,2\n6,7\n"
    }
    #expect(folder.text("out") == expected)
    #expect(errors.takeLetters().map(\.line) == [3, 4])
  }

  @Test(arguments: SinkCase.all)
  func `the condemned are not written`(_ input: SinkCase) throws {
    let batches = try folder.batches(of: input)
    let sink = try folder.sink(input.output, state: nil)
    var errors = RecordErrors(policy: .fail, worker: "out.0")
    var total = 0
    for batch in batches {
      errors.condemned = (0..<batch.recordCount).map(UInt32.init)
      try batch.withView { try sink.write($0, errors: &errors) }
      total += batch.recordCount
    }
    #expect(errors.deadCount == total && sink.summary.records == 0)
    for batch in batches {
      errors.removeAll()
      errors.condemned = batch.recordCount > 1 ? [0] : []
      try batch.withView { try sink.write($0, errors: &errors) }
      total -= errors.deadCount
    }
    _ = try sink.commit()
    #expect(sink.summary.records == total)
    // The first record is missing, the header of a csv file is not.
    #expect(folder.read("out")!.count < input.expected.utf8.count)
    #expect(!folder.text("out")!.isEmpty)
  }
}
