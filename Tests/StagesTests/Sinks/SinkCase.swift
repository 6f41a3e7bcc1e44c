import PipelineFile
import TestSupport
import Testing

/// A sink's format over batches of one input: what the conformance suite of sinks runs over.
struct SinkCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var output: FileFormat
  var input: FileFormat
  /// The batches, each as the text of a file of its own.
  var texts: [String]
  /// What all of it comes to.
  var expected: String

  /// Every pair of formats that fit. One line per case binds it to the suite.
  static let all = [
    SinkCase(
      "jsonl of jsonl", .jsonLines, of: .jsonLines, objects,
      "{\"a\": 1}\n{\"a\":\"x\"}\n{\"a\":2}\n{\"a\":null}\n"),
    SinkCase(
      "jsonl of csv", .jsonLines, of: csv, rows,
      "{\"a\":1,\"b\":\"x\\ny\"}\n{\"a\":2,\"b\":null}\n{\"a\":3,\"b\":\"q\\\"\"}\n{\"a\":\"\",\"b\":true}\n"),
    SinkCase("jsonl of lines", .jsonLines, of: .lines, plain, "\"one\"\n\"\"\n\"tw\\\"o\"\n\" three\"\n"),
    SinkCase("csv of jsonl", csv, of: .jsonLines, objects, "a\n1\nx\n2\n\n"),
    SinkCase("csv of csv", csv, of: csv, rows, "a,b\n1,\"x\ny\"\n2,\n3,\"q\"\"\"\n\"\",true\n"),
    SinkCase("lines of jsonl", .lines, of: .jsonLines, strings, "plain\n é\n[1]\nend \n"),
    SinkCase("lines of csv", .lines, of: csv, rows, "1,\"x\ny\"\n2,\n3,\"q\"\"\"\n\"\",true\n"),
    SinkCase("lines of lines", .lines, of: .lines, plain, "one\n\ntw\"o\n three\n"),
  ]

  private static let csv = FileFormat.csv(CSVOptions())
  private static let objects = ["{\"a\": 1}\n\n{\"a\":\"x\"}\r\n", "", "{\"a\":2}\n", "{\"a\":null}"]
  private static let rows = ["a,b\n1,\"x\ny\"\r\n2,\n", "a,b\n", "a,b\n\n3,\"q\"\"\"\n", "a,b\n\"\",true"]
  private static let plain = ["one\r\n\n", "tw\"o\n", " three"]
  private static let strings = ["\"plain\"\n \" \\u00e9\" \r\n", "[1]\n", "\"end \""]

  init(_ name: String, _ output: FileFormat, of input: FileFormat, _ texts: [String], _ expected: String) {
    testDescription = name
    self.output = output
    self.input = input
    self.texts = texts
    self.expected = expected
  }
}

extension TemporaryFolder {
  func batches(of input: SinkCase) throws -> [OwnedBatch] {
    try input.texts.enumerated().flatMap { index, text in
      try batches(text, input.input, name: "in\(index)")
    }
  }
}
