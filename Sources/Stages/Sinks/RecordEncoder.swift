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

  /// What became of a batch.
  struct Outcome {
    /// Whether the payload has the sink's form already: nothing was appended, and it can be written as it is.
    var isPayload: Bool
    /// Records to write or appended: without those refused and those condemned.
    var records: Int
  }

  /// Appends the records in the sink's form, but for the condemned; those that can't have it are refused.
  func encode(
    _ batch: BatchView, errors: inout RecordErrors, into buffer: inout BatchBuffer
  ) throws(StageFailure) -> Outcome {
    if batch.recordCount == 0 { return Outcome(isPayload: false, records: 0) }
    var run = EncoderRun(batch, names: names, condemned: errors.condemnedOnes)
    switch (format, batch.format) {
    case (.jsonLines, .json), (.lines, .line), (.lines, .csv):
      if errors.condemned.isEmpty && Self.isClean(batch) {
        return Outcome(isPayload: true, records: batch.recordCount)
      }
      if batch.format == .csv {
        try copyRows(&run, &errors, into: &buffer)
      } else {
        copyLines(&run, &errors, into: &buffer)
      }
    case (.jsonLines, .csv): try convertRows(&run, &errors, into: &buffer)
    case (.jsonLines, .line): quoteLines(&run, &errors, into: &buffer)
    case (.lines, .json): unquoteRecords(&run, &errors, into: &buffer)
    case (.csv, .json): try tabulateRecords(&run, &errors, into: &buffer)
    case (.csv, .csv): try tabulateRows(&run, &errors, into: &buffer)
    case (.csv, .line): try refuseLines(&run, &errors)
    }
    return Outcome(isPayload: false, records: run.written)
  }

  /// What a file without any record still needs: the header of declared columns.
  func finish(into buffer: inout BatchBuffer) throws(StageFailure) {
    guard let columns, !hasWrittenHeader else { return }
    do {
      if csv == nil { csv = try table(of: columns) }
    } catch {
      throw StageFailure("a csv sink's columns: error: \(error)")
    }
    csv!.appendHeader(into: &buffer)
    hasWrittenHeader = true
  }

  /// What follows goes to a new file: a CSV one begins with the header.
  func beginFile() { hasWrittenHeader = false }

  /// Whether each line is a record and none has a CR: it can be written as it is.
  private static func isClean(_ batch: BatchView) -> Bool {
    Newlines.count(in: batch.payload) == batch.recordCount && Bytes.first(0x0D, in: batch.payload) == nil
  }

  private func copyLines(
    _ run: inout EncoderRun, _ errors: inout RecordErrors, into buffer: inout BatchBuffer
  ) {
    while let record = run.next(&errors) {
      buffer.append(record)
      buffer.append(UInt8(ascii: "\n"))
      run.written += 1
    }
  }

  private func quoteLines(
    _ run: inout EncoderRun, _ errors: inout RecordErrors, into buffer: inout BatchBuffer
  ) {
    while let record = run.next(&errors) {
      JSONString.append(record, into: &buffer)
      buffer.append(UInt8(ascii: "\n"))
      run.written += 1
    }
  }

  /// A JSON text that is a string becomes its content; anything else stays as it is.
  private func unquoteRecords(
    _ run: inout EncoderRun, _ errors: inout RecordErrors, into buffer: inout BatchBuffer
  ) {
    while let line = run.next(&errors) {
      let record = Self.withoutSpace(line)
      if record.count >= 2 && record[0] == UInt8(ascii: "\"") {
        JSONString.unescape(record.bytes(1..<record.count - 1), into: &buffer)
      } else {
        buffer.append(record)
      }
      buffer.append(UInt8(ascii: "\n"))
      run.written += 1
    }
  }

  private func tabulateRecords(
    _ run: inout EncoderRun, _ errors: inout RecordErrors, into buffer: inout BatchBuffer
  ) throws(StageFailure) {
    while let record = run.next(&errors) {
      do throws(RecordError) {
        try tabulate(record, index: run.index, line: run.payloadLine, into: &buffer)
        run.written += 1
      } catch {
        try run.refuse(error, record, &errors)
      }
    }
  }

  /// A line of text has no columns.
  private func refuseLines(_ run: inout EncoderRun, _ errors: inout RecordErrors) throws(StageFailure) {
    while let record = run.next(&errors) {
      try run.refuse(
        RecordError(.noColumns, record: run.index, line: run.payloadLine), record, &errors)
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

  private func copyRows(
    _ run: inout EncoderRun, _ errors: inout RecordErrors, into buffer: inout BatchBuffer
  ) throws(StageFailure) {
    try useSchema(of: run.batch)
    var reader = CSVRowReader(schema: rows!.schema)
    reader.start(run.batch.payload)
    while try run.next(&reader, &errors) {
      buffer.append(reader.rowBytes)
      buffer.append(UInt8(ascii: "\n"))
      run.written += 1
    }
  }

  private func convertRows(
    _ run: inout EncoderRun, _ errors: inout RecordErrors, into buffer: inout BatchBuffer
  ) throws(StageFailure) {
    try useSchema(of: run.batch)
    if !errors.condemned.isEmpty { return try convertUncondemned(&run, &errors, into: &buffer) }
    rows!.toJSON.start(run.batch.payload)
    while true {
      do throws(RecordError) {
        while try rows!.toJSON.next(into: &buffer) { run.written += 1 }
        return
      } catch {
        let row = run.batch.payload.bytes(rows!.toJSON.rowRange)
        try run.refuse(error, row, line: rows!.toJSON.lineOffset, &errors)
      }
    }
  }

  /// The same, row by row through a reader that does not look into cells.
  private func convertUncondemned(
    _ run: inout EncoderRun, _ errors: inout RecordErrors, into buffer: inout BatchBuffer
  ) throws(StageFailure) {
    var reader = CSVRowReader(schema: rows!.schema)
    reader.start(run.batch.payload)
    while try run.next(&reader, &errors) {
      do throws(RecordError) {
        try rows!.toJSON.convert(row: reader, into: &buffer)
        run.written += 1
      } catch {
        try run.refuse(error, reader.rowBytes, &errors)
      }
    }
  }

  private func tabulateRows(
    _ run: inout EncoderRun, _ errors: inout RecordErrors, into buffer: inout BatchBuffer
  ) throws(StageFailure) {
    try useSchema(of: run.batch)
    var json = BatchBuffer(headroom: 0, capacity: 4096)
    var reader = CSVRowReader(schema: rows!.schema)
    reader.start(run.batch.payload)
    while try run.next(&reader, &errors) {
      json.removeAll()
      do throws(RecordError) {
        try rows!.toJSON.convert(row: reader, into: &json)
        try json.withPayload { (row) throws(RecordError) in
          try tabulate(
            row.bytes(0..<row.count - 1), index: reader.recordIndex, line: reader.lineOffset, into: &buffer)
        }
        run.written += 1
      } catch {
        try run.refuse(error, reader.rowBytes, &errors)
      }
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

  /// Appends an object as a row, behind the header where that is missing.
  private func tabulate(
    _ record: UnsafeRawBufferPointer, index: Int, line: Int, into buffer: inout BatchBuffer
  ) throws(RecordError) {
    let knewColumns = columns != nil
    if csv == nil {
      let found: [String]
      if let columns { found = columns } else { found = try fields(of: record, index: index, line: line) }
      do {
        csv = try table(of: found)
        columns = found
      } catch {
        throw RecordError(.unfitColumns("\(error)"), record: index, line: line)
      }
    }
    if hasWrittenHeader { return try csv!.append(record, index: index, line: line, into: &buffer) }
    let start = buffer.count
    csv!.appendHeader(into: &buffer)
    do {
      try csv!.append(record, index: index, line: line, into: &buffer)
      hasWrittenHeader = true
    } catch {
      buffer.truncate(to: start)
      // A record that is not written does not name the columns either.
      if !knewColumns {
        columns = nil
        csv = nil
      }
      throw error
    }
  }

  /// The names of an object's fields.
  private func fields(
    of record: UnsafeRawBufferPointer, index: Int, line: Int
  ) throws(RecordError) -> [String] {
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
    return found
  }

  private func table(of columns: [String]) throws(CSVSchemaError) -> JSONToCSV {
    guard case .csv(let options) = format else { preconditionFailure("only a csv sink has columns") }
    return JSONToCSV(
      schema: try CSVSchema(columns: columns, delimiter: options.delimiter, nulls: options.nulls))
  }
}
