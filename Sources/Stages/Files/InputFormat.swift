import PipelineFile
import Records

/// How a source's bytes become records: header, boundaries and checks of one format.
struct InputFormat {
  /// The most bytes that one record may have.
  static let longestRecord = 1 << 29

  let format: FileFormat
  private var cutter: CSVCutter?
  /// The schema of the current CSV file.
  private(set) var rowSchema: CSVSchema?
  /// The schema of the current file, encoded.
  private(set) var schema: [UInt8] = []
  /// The columns of the first file, which the others must repeat unless `headers: each`.
  private var firstColumns: (file: String, names: [String])?

  init(_ format: FileFormat) { self.format = format }

  var recordFormat: RecordFormat {
    switch format {
    case .csv: .csv
    case .jsonLines: .json
    case .lines: .line
    }
  }

  var framing: Framing {
    switch format {
    case .csv: .csv
    case .jsonLines, .lines: .newline
    }
  }

  var hasHeader: Bool {
    if case .csv = format { return true }
    return false
  }

  /// Reads the header at the start of a file, behind its BOM. Nil: more bytes are needed.
  mutating func readHeader(
    _ bytes: UnsafeRawBufferPointer, isEnd: Bool, file: String
  ) throws(StageFailure) -> (length: Int, lines: Int)? {
    guard case .csv(let options) = format else { return (0, 0) }
    let header: CSVHeader?
    do {
      header = try CSVHeader.read(bytes, delimiter: options.delimiter, isEnd: isEnd)
    } catch {
      throw StageFailure("\(file):\(1 + error.line): error: \(error)")
    }
    guard let header else {
      if isEnd {
        throw StageFailure(
          "\(file):1: error: the file is empty; a CSV file begins with a row that names its columns")
      }
      return nil
    }
    if let invalid = UTF8.firstInvalid(in: bytes.bytes(0..<header.length)) {
      throw Self.invalidUTF8(bytes, at: invalid, file: file, line: 1)
    }
    try adopt(header, options: options, file: file)
    return (header.length, header.lines)
  }

  private mutating func adopt(
    _ header: CSVHeader, options: CSVOptions, file: String
  ) throws(StageFailure) {
    if let first = firstColumns, options.headers == .same, first.names != header.columns {
      throw StageFailure(
        "\(file):1: error: the columns differ from those of \(first.file): "
          + Self.difference(first.names, header.columns)
          + "; make the headers alike, or write 'headers: each' to take each file by its own")
    }
    for type in options.types where options.headers == .same && !header.columns.contains(type.column) {
      throw StageFailure(
        "\(file):1: error: 'types' names column '\(type.column)', which the header does not have; "
          + "it has \(header.columns.joined(separator: ", "))")
    }
    if firstColumns == nil { firstColumns = (file, header.columns) }
    do {
      let types = Dictionary(uniqueKeysWithValues: options.types.map { ($0.column, Self.type($0.type)) })
      let parsed = try CSVSchema.fromHeader(
        header, delimiter: options.delimiter, nulls: options.nulls, infer: options.infer, types: types,
        ragged: options.ragged == .pad ? .pad : .fail)
      cutter = CSVCutter(schema: parsed)
      rowSchema = parsed
      schema = parsed.encode()
    } catch {
      throw StageFailure("\(file):1: error: \(error)")
    }
  }

  private static func type(_ type: CSVOptions.CellType) -> CSVCellType {
    switch type {
    case .text: .text
    case .number: .number
    case .boolean: .boolean
    }
  }

  private static func difference(_ first: [String], _ second: [String]) -> String {
    let missing = first.filter { !second.contains($0) }
    let added = second.filter { !first.contains($0) }
    if missing.isEmpty && added.isEmpty { return "the same names in another order" }
    return [
      missing.isEmpty ? nil : "without \(missing.joined(separator: ", "))",
      added.isEmpty ? nil : "with \(added.joined(separator: ", "))",
    ].compactMap { $0 }.joined(separator: ", ")
  }

  /// Complete records, and whether all of them are fit to travel.
  struct Found {
    var cut: RecordCut
    /// If not, the records have to be looked at one by one.
    var isClean: Bool
  }

  /// The end of the last complete record, after the records up to there were checked. Nil: more is needed.
  ///
  /// What the check finds is thrown where the policy is `fail`.
  func cut(
    _ bytes: UnsafeRawBufferPointer, isEnd: Bool, file: String, line: UInt64, policy: ErrorPlan.OnError
  ) throws(StageFailure) -> Found? {
    var found: Found?
    do throws(StageFailure) {
      found = try boundaries(bytes, isEnd: isEnd, file: file, line: line).map {
        Found(cut: $0, isClean: true)
      }
    } catch {
      guard policy != .fail, let cutter else { throw error }
      do {
        found = try cutter.cut(bytes, isEnd: isEnd, acceptsDamage: true).map {
          Found(cut: $0, isClean: false)
        }
      } catch { preconditionFailure("a cut that accepts damage found \(error)") }
    }
    guard var found else {
      if bytes.count >= Self.longestRecord {
        throw StageFailure(
          "\(file):\(line): error: a record is longer than \(Self.longestRecord >> 20) MiB; "
            + "is a line end or a closing quote missing?")
      }
      return nil
    }
    if !found.isClean { return found }
    do throws(StageFailure) {
      try check(bytes.bytes(0..<found.cut.length), file: file, line: line)
    } catch {
      if policy == .fail { throw error }
      found.isClean = false
    }
    return found
  }

  /// Throws for what can be no text, or no JSON, anywhere in the records.
  private func check(
    _ records: UnsafeRawBufferPointer, file: String, line: UInt64
  ) throws(StageFailure) {
    if let invalid = UTF8.firstInvalid(in: records) {
      throw Self.invalidUTF8(records, at: invalid, file: file, line: line)
    }
    if case .csv = format { return }
    if let zero = Bytes.first(0, in: records) {
      let at = line + UInt64(Newlines.count(in: records.bytes(0..<zero)))
      throw StageFailure("\(file):\(at): error: \(Self.nulText)")
    }
    if case .jsonLines = format { try checkJSON(records, file: file, line: line) }
  }

  private func boundaries(
    _ bytes: UnsafeRawBufferPointer, isEnd: Bool, file: String, line: UInt64
  ) throws(StageFailure) -> RecordCut? {
    do {
      switch format {
      case .csv: return try cutter!.cut(bytes, isEnd: isEnd)
      case .jsonLines: return LineCutter.jsonLines.cut(bytes, isEnd: isEnd)
      case .lines: return LineCutter.lines.cut(bytes, isEnd: isEnd)
      }
    } catch {
      throw StageFailure("\(file):\(line + UInt64(error.line)): error: \(error)")
    }
  }

  private func checkJSON(
    _ bytes: UnsafeRawBufferPointer, file: String, line: UInt64
  ) throws(StageFailure) {
    var reader = LineReader(bytes, skipsBlanks: true)
    while let range = reader.next() {
      if let error = JSONValidator.firstError(in: bytes.bytes(range)) {
        throw StageFailure(
          "\(file):\(line + UInt64(reader.lineOffset)):\(error.offset + 1): error: \(error.problem)")
      }
    }
  }

  static let nulText = "a NUL byte; the input must be text in UTF-8"

  static func invalidText(_ byte: UInt8) -> String {
    "byte 0x\(String(byte, radix: 16)) is not UTF-8; convert the input to UTF-8"
  }

  private static func invalidUTF8(
    _ bytes: UnsafeRawBufferPointer, at offset: Int, file: String, line: UInt64
  ) -> StageFailure {
    let at = line + UInt64(Newlines.count(in: bytes.bytes(0..<offset)))
    let column = offset - (Newlines.last(in: bytes.bytes(0..<offset)) ?? -1)
    return StageFailure(
      "\(file):\(at):\(column): error: \(invalidText(bytes[offset]))")
  }
}
