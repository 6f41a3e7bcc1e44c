import PipelineFile
import Records

/// Turns batches of any format into the bytes of a sink's format.
///
/// What already has the sink's form is not touched. The columns of a CSV sink that declares none are those of
/// its first record, and are part of the sink's state.
final class RecordEncoder {
  private let format: FileFormat
  private let names: InputNames
  private(set) var columns: [String]?
  private(set) var hasWrittenHeader: Bool
  private var rows: Rows?
  private var csv: JSONToCSV?
  private var scratch = BatchBuffer(headroom: 0, capacity: 4096)

  /// A converter for the schema that the last CSV batch had.
  private struct Rows: ~Copyable {
    var encodedSchema: [UInt8]
    var schema: CSVSchema
    var toJSON: CSVToJSON
  }

  /// `columns` and `hasWrittenHeader` are those of an earlier incarnation, or of a file that is appended to.
  init(_ format: FileFormat, names: InputNames, columns: [String]?, hasWrittenHeader: Bool) {
    self.format = format
    self.names = names
    self.hasWrittenHeader = hasWrittenHeader
    if case .csv(let options) = format { self.columns = columns ?? options.columns }
  }

  /// Appends the records in the sink's form. False, and nothing is appended, if the payload has it already.
  func encode(_ batch: BatchView, into buffer: inout BatchBuffer) throws(StageFailure) -> Bool {
    if batch.recordCount == 0 { return true }
    switch (format, batch.format) {
    case (.jsonLines, .json), (.lines, .line), (.lines, .csv):
      if Self.isClean(batch) { return false }
      try copyLines(batch, into: &buffer)
    case (.jsonLines, .csv): try convertRows(batch, into: &buffer)
    case (.jsonLines, .line): quoteLines(batch, into: &buffer)
    case (.lines, .json): unquoteRecords(batch, into: &buffer)
    case (.csv, .json): try tabulate(batch.payload, of: batch, into: &buffer)
    case (.csv, .csv):
      var json = BatchBuffer(headroom: 0, capacity: batch.payload.count * 4)
      try convertRows(batch, into: &json)
      try json.withPayload { (bytes) throws(StageFailure) in
        try tabulate(bytes, of: batch, into: &buffer)
      }
    case (.csv, .line):
      throw StageFailure(
        "\(names.place(of: 0, payloadLine: 0, in: batch)): error: a line of text has no columns; "
          + "make objects of lines with a map step before a csv sink")
    }
    return true
  }

  /// What a file without any record still needs: the header of declared columns.
  func finish(into buffer: inout BatchBuffer) throws(StageFailure) {
    if columns == nil || hasWrittenHeader { return }
    try makeTable()
    writeHeader(into: &buffer)
  }

  /// Whether each line is a record and none has a CR: it can be written as it is.
  private static func isClean(_ batch: BatchView) -> Bool {
    Newlines.count(in: batch.payload) == batch.recordCount && !batch.payload.contains(0x0D)
  }

  private func copyLines(_ batch: BatchView, into buffer: inout BatchBuffer) throws(StageFailure) {
    if batch.format == .csv {
      try useSchema(of: batch)
      var reader = CSVRowReader(schema: rows!.schema)
      reader.start(batch.payload)
      do {
        while try reader.next() {
          buffer.append(reader.rowBytes)
          buffer.append(UInt8(ascii: "\n"))
        }
      } catch { throw names.failure(error, in: batch) }
      return
    }
    var reader = LineReader(batch.payload, skipsBlanks: batch.format == .json)
    while let range = reader.next() {
      buffer.append(batch.payload.bytes(range))
      buffer.append(UInt8(ascii: "\n"))
    }
  }

  private func quoteLines(_ batch: BatchView, into buffer: inout BatchBuffer) {
    var reader = LineReader(batch.payload, skipsBlanks: false)
    while let range = reader.next() {
      JSONString.append(batch.payload.bytes(range), into: &buffer)
      buffer.append(UInt8(ascii: "\n"))
    }
  }

  /// A JSON text that is a string becomes its content; anything else stays as it is.
  private func unquoteRecords(_ batch: BatchView, into buffer: inout BatchBuffer) {
    var reader = LineReader(batch.payload, skipsBlanks: true)
    while let range = reader.next() {
      let record = Self.withoutSpace(batch.payload.bytes(range))
      if record.count >= 2 && record[0] == UInt8(ascii: "\"") {
        JSONString.unescape(record.bytes(1..<record.count - 1), into: &buffer)
      } else {
        buffer.append(record)
      }
      buffer.append(UInt8(ascii: "\n"))
    }
  }

  /// A JSON text without the white space around it.
  private static func withoutSpace(_ record: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
    var start = 0
    var end = record.count
    while start < end && isSpace(record[start]) { start += 1 }
    while end > start && isSpace(record[end - 1]) { end -= 1 }
    return record.bytes(start..<end)
  }

  private func convertRows(_ batch: BatchView, into buffer: inout BatchBuffer) throws(StageFailure) {
    try useSchema(of: batch)
    rows!.toJSON.start(batch.payload)
    do {
      _ = try rows!.toJSON.convertRest(into: &buffer)
    } catch {
      throw names.failure(error, in: batch)
    }
  }

  private func useSchema(of batch: BatchView) throws(StageFailure) {
    if rows != nil, rows!.encodedSchema.elementsEqual(batch.schema) { return }
    do {
      let schema = try CSVSchema(decoding: batch.schema)
      rows = Rows(encodedSchema: Array(batch.schema), schema: schema, toJSON: CSVToJSON(schema: schema))
    } catch {
      throw StageFailure("a batch's schema can't be read: \(error)")
    }
  }

  private func tabulate(
    _ records: UnsafeRawBufferPointer, of batch: BatchView, into buffer: inout BatchBuffer
  ) throws(StageFailure) {
    var reader = LineReader(records, skipsBlanks: true)
    var index = 0
    while let range = reader.next() {
      let record = records.bytes(range)
      do throws(RecordError) {
        if columns == nil { try useColumns(of: record, index: index, line: reader.lineOffset) }
      } catch {
        throw names.failure(error, in: batch)
      }
      if csv == nil { try makeTable() }
      if !hasWrittenHeader { writeHeader(into: &buffer) }
      do throws(RecordError) {
        try csv!.append(record, index: index, line: reader.lineOffset, into: &buffer)
      } catch {
        throw names.failure(error, in: batch)
      }
      index += 1
    }
  }

  private func useColumns(of record: UnsafeRawBufferPointer, index: Int, line: Int) throws(RecordError) {
    var found: [String] = []
    do throws(RecordFault) {
      var fields = try JSONFields(record)
      while let member = try fields.next() {
        scratch.removeAll()
        JSONString.unescape(record.bytes(member.name), into: &scratch)
        // A name that comes twice is one field, as in jq.
        let name = scratch.withPayload { String(decoding: $0, as: UTF8.self) }
        if !found.contains(name) { found.append(name) }
      }
    } catch {
      throw RecordError(error, record: index, line: line)
    }
    columns = found
  }

  private func makeTable() throws(StageFailure) {
    guard csv == nil, case .csv(let options) = format else { return }
    do {
      csv = JSONToCSV(
        schema: try CSVSchema(
          columns: columns ?? [], delimiter: options.delimiter, nulls: options.nulls))
    } catch {
      throw StageFailure("a csv sink's columns: error: \(error)")
    }
  }

  private func writeHeader(into buffer: inout BatchBuffer) {
    csv!.appendHeader(into: &buffer)
    hasWrittenHeader = true
  }
}
