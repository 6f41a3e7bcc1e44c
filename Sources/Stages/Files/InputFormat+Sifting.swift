import PipelineFile
import Records

// The slow way of a batch in which something is wrong: record by record.
extension InputFormat {
  /// Copies the records that are fit to travel, one a line, and hands the others to `errors`.
  ///
  /// `records` are whole ones, from `line` of `file` on. `batch` is told what is left of it; where all records
  /// are fit after all, it stays as it is, and `buffer` is of no use.
  func sift(
    _ records: UnsafeRawBufferPointer, file: String, line: UInt64, into buffer: inout BatchBuffer,
    _ batch: inout CutBatch, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    var lines = LineTableBuilder()
    if let rowSchema {
      try siftRows(records, rowSchema, file, line, &buffer, &lines, &errors)
    } else {
      try siftLines(records, file, line, &buffer, &lines, &errors)
    }
    if lines.count == batch.recordCount { return }
    batch.recordCount = lines.count
    if !lines.isIdentity { batch.lineTable = lines.withBytes { Array($0) } }
  }

  private func siftLines(
    _ records: UnsafeRawBufferPointer, _ file: String, _ line: UInt64, _ buffer: inout BatchBuffer,
    _ lines: inout LineTableBuilder, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    var isJSON = false
    if case .jsonLines = format { isJSON = true }
    var reader = LineReader(records, skipsBlanks: isJSON)
    var index = -1
    while let range = reader.next() {
      let record = records.bytes(range)
      index += 1
      guard let problem = Self.problem(of: record, isJSON: isJSON) else {
        buffer.append(record)
        buffer.append(UInt8(ascii: "\n"))
        lines.append(line: reader.lineOffset)
        continue
      }
      let at = line + UInt64(reader.lineOffset)
      try errors.refuse(
        record: index, line: at, text: problem, bytes: record,
        failure: StageFailure("\(file):\(at): error: \(problem)"))
    }
  }

  /// Why a record is not fit to travel, or nil.
  static func problem(of record: UnsafeRawBufferPointer, isJSON: Bool) -> String? {
    if let invalid = UTF8.firstInvalid(in: record) { return invalidText(record[invalid]) }
    if record.contains(0) { return nulText }
    guard isJSON, let error = JSONValidator.firstError(in: record) else { return nil }
    return "column \(error.offset + 1): \(error.problem)"
  }

  /// Rows that are text but not rows of their schema travel on: steps and sinks judge those.
  private func siftRows(
    _ records: UnsafeRawBufferPointer, _ schema: CSVSchema, _ file: String, _ line: UInt64,
    _ buffer: inout BatchBuffer, _ lines: inout LineTableBuilder, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    var reader = CSVRowReader(schema: schema)
    reader.start(records)
    while true {
      var problem: String?
      do {
        guard try reader.next() else { return }
      } catch {
        switch error.fault {
        case .nulByte, .unterminatedQuote: problem = "\(error)"
        default: break
        }
      }
      let row = reader.rowBytes
      if problem == nil, let invalid = UTF8.firstInvalid(in: row) { problem = Self.invalidText(row[invalid]) }
      guard let problem else {
        buffer.append(row)
        buffer.append(UInt8(ascii: "\n"))
        lines.append(line: reader.lineOffset)
        continue
      }
      let at = line + UInt64(reader.lineOffset)
      try errors.refuse(
        record: reader.recordIndex, line: at, text: problem, bytes: row,
        failure: StageFailure("\(file):\(at): error: \(problem)"))
    }
  }
}
