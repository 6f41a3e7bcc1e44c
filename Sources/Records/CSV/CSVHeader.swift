/// The first row of a CSV file, which names the columns.
package struct CSVHeader: Equatable, Sendable {
  package var columns: [String]
  /// Bytes up to the first record: the header, its line end and blank lines before it.
  package var length: Int
  /// Physical lines in those bytes.
  package var lines: Int

  package init(columns: [String], length: Int, lines: Int) {
    self.columns = columns
    self.length = length
    self.lines = lines
  }

  /// Reads the header at the start of a file, whose BOM the caller has stripped (``UTF8/startsWithBOM(_:)``).
  ///
  /// Nil: the header is not complete, or at the end of the input there is none. Names are checked by
  /// ``CSVSchema/init(columns:delimiter:nulls:infer:types:ragged:)``, and spaces around them are kept.
  package static func read(
    _ buffer: UnsafeRawBufferPointer, delimiter: UInt8 = 0x2C, isEnd: Bool
  ) throws(RecordError) -> CSVHeader? {
    var reader = CSVRowReader(delimiter: delimiter)
    reader.start(buffer)
    let found: Bool
    do {
      found = try reader.next()
    } catch {
      // A quote that is open at the end of the buffer may close in the next.
      if case .unterminatedQuote = error.fault, !isEnd { return nil }
      if reader.nextOffset == buffer.count, !isEnd { return nil }
      throw error
    }
    guard found else { return nil }
    let endsWithNewline = buffer[reader.nextOffset - 1] == 0x0A
    guard isEnd || endsWithNewline else { return nil }
    var columns: [String] = []
    var scratch = BatchBuffer(capacity: 256)
    for index in 0..<reader.cellCount {
      scratch.removeAll()
      reader.appendText(index, into: &scratch)
      columns.append(scratch.withPayload { String(decoding: $0, as: UTF8.self) })
    }
    return CSVHeader(
      columns: columns, length: reader.nextOffset, lines: reader.lineOffset + reader.lineCount)
  }
}

extension CSVSchema {
  /// The schema of a file whose first row names the columns; see ``CSVHeader`` for the row itself.
  package static func fromHeader(
    _ header: CSVHeader, delimiter: UInt8 = 0x2C, nulls: [String] = [""], infer: Bool = true,
    types: [String: CSVCellType] = [:], ragged: CSVRagged = .fail
  ) throws(CSVSchemaError) -> CSVSchema {
    try CSVSchema(
      columns: header.columns, delimiter: delimiter, nulls: nulls, infer: infer,
      types: header.columns.map { types[$0] }, ragged: ragged)
  }
}
