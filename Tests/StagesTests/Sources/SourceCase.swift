import PipelineFile
import TestSupport
import Testing

/// An input with the records that are in it: what the conformance suite of sources runs over.
struct SourceCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var format: FileFormat
  var files: [String] = []
  var records: [Found] = []
  /// Whether the records are read from letters that lie in a store.
  var areLetters = false

  var totalBytes: Int {
    areLetters ? records.reduce(0) { $0 + $1.text.utf8.count } : files.reduce(0) { $0 + $1.utf8.count }
  }

  /// Bytes of a batch, but for the last of a file.
  var batchBytes: ClosedRange<Int> { areLetters ? 200 << 10...300 << 10 : 250 << 10...256 << 10 + 1 }

  /// Every kind of input. One line per case binds it to the suite.
  static let all = [
    csv, jsonLines, lines, severalFiles("several jsonl files", .jsonLines),
    severalFiles("several csv files", .csv(CSVOptions())), letters(csv), letters(jsonLines),
    letters(severalFiles("several csv files", .csv(CSVOptions()))),
  ]

  init(_ name: String, _ format: FileFormat) {
    testDescription = name
    self.format = format
  }

  /// Quoted newlines, quotes, CRLF, blank lines, a BOM and no newline at the end.
  private static let csv: SourceCase = {
    var made = SourceCase("a csv file", .csv(CSVOptions()))
    made.files = [made.rows("\u{FEFF}\r\nid,text\r\n", line: 3, file: 0, seed: 1, count: 40_000)]
    return made
  }()

  private static let jsonLines: SourceCase = {
    var made = SourceCase("a jsonl file", .jsonLines)
    made.files = [made.objects("\u{FEFF}", file: 0, seed: 2, count: 30_000)]
    return made
  }()

  private static let lines: SourceCase = {
    var made = SourceCase("a file of lines", .lines)
    var random = SeededRandom(3)
    var text = ""
    for index in 0..<60_000 {
      let line = random.text(of: ["", "word ", "ä€", "\t", "\"", ","], upTo: 9)
      text += line + (index == 59_999 ? "!" : random.pick(["\n", "\n", "\r\n"]))
      made.records.append(Found(file: 0, line: index + 1, text: index == 59_999 ? line + "!" : line))
    }
    made.files = [text]
    return made
  }()

  private static func letters(_ input: SourceCase) -> SourceCase {
    var made = input
    made.testDescription = "letters of \(input.testDescription)"
    made.areLetters = true
    return made
  }

  private static func severalFiles(_ name: String, _ format: FileFormat) -> SourceCase {
    var made = SourceCase(name, format)
    for (file, count) in [10_000, 0, 1, 5_000].enumerated() {
      if case .csv = format {
        made.files.append(made.rows("id,text\n", line: 2, file: file, seed: UInt64(file), count: count))
      } else {
        made.files.append(made.objects("", file: file, seed: UInt64(file), count: count))
      }
    }
    return made
  }

  private mutating func rows(
    _ header: String, line: Int, file: Int, seed: UInt64, count: Int
  ) -> String {
    var random = SeededRandom(seed)
    var text = header
    var line = line
    for index in 0..<count {
      if random.below(50) == 0 {
        text += "\n"
        line += 1
      }
      let content = random.text(of: ["x", "some text ", "\"\"", ",", "\n", "\r\n"], upTo: 8)
      let row = "\(index),\"\(content)\""
      records.append(Found(file: file, line: line, text: row))
      line += 1 + row.utf8.count { $0 == 0x0A }
      text += row + (index == count - 1 ? "" : random.pick(["\n", "\r\n"]))
    }
    return text
  }

  private mutating func objects(_ start: String, file: Int, seed: UInt64, count: Int) -> String {
    var random = SeededRandom(seed)
    var text = start
    var line = 1
    for index in 0..<count {
      while random.below(30) == 0 {
        text += random.pick(["\n", " \t\n", "\r\n"])
        line += 1
      }
      let content = random.text(of: ["x", "some text ", "\\\"", "\\n", "ä€"], upTo: 20)
      let record = "{\"id\": \(index), \"text\": \"\(content)\"}"
      records.append(Found(file: file, line: line, text: record))
      text += record + (index == count - 1 ? "" : random.pick(["\n", "\r\n"]))
      line += 1
    }
    return text
  }
}
