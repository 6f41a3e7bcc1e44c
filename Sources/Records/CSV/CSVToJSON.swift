/// Writes CSV rows as compact JSON objects, one a line.
///
/// A row without escapes, doubled quotes or surprises is scanned, classified and written in one pass, eight
/// bytes at a time. Any other row is undone and goes through ``CSVRowReader`` and ``CSVCellClassifier``, which
/// know the whole grammar and every error; so both ways agree by construction where it is hard, and by
/// differential tests where it is fast. Numbers keep their text.
package struct CSVToJSON: ~Copyable {
  let schema: CSVSchema
  private let classifier: CSVCellClassifier
  private var reader: CSVRowReader
  let table: CSVFastTable

  private var payload = UnsafeRawBufferPointer(start: nil, count: 0)
  private var nextOffset = 0
  private var nextLine = 0
  private var nextRecord = 0

  /// Lines between the start of the payload and the row last read, converted or not.
  package private(set) var lineOffset = 0
  /// Physical lines of that row.
  package private(set) var lineCount = 0
  /// Index of that row.
  package private(set) var recordIndex = 0
  /// Bytes of that row, without its line end.
  package private(set) var rowRange = 0..<0

  package init(schema: CSVSchema) {
    self.schema = schema
    classifier = CSVCellClassifier(schema: schema)
    reader = CSVRowReader(schema: schema)
    table = CSVFastTable(schema: schema)
  }

  /// Starts a payload of whole rows, which must outlive the conversion.
  package mutating func start(_ payload: UnsafeRawBufferPointer) {
    self.payload = payload
    reader.start(payload)
    nextOffset = 0
    nextLine = 0
    nextRecord = 0
  }

  /// Appends the next row as one JSON object and a newline; false at the end of the payload.
  ///
  /// On an error nothing is appended, and the next call goes on with the row after the faulty one.
  package mutating func next(into buffer: inout BatchBuffer) throws(RecordError) -> Bool {
    if let end = table.convert(payload, from: nextOffset, into: &buffer) {
      rowRange = nextOffset..<end
      lineOffset = nextLine
      lineCount = 1
      recordIndex = nextRecord
      // `end` is that of the row's text: an LF follows, perhaps behind a CR.
      nextOffset = end &+ (payload[end] == 0x0A ? 1 : 2)
      nextLine &+= 1
      nextRecord &+= 1
      return true
    }
    return try nextSlowly(into: &buffer)
  }

  /// Appends all rows that are left and answers how many; an error stops at its row, as in ``next(into:)``.
  @discardableResult
  package mutating func convertRest(into buffer: inout BatchBuffer) throws(RecordError) -> Int {
    var rows = 0
    while try next(into: &buffer) { rows &+= 1 }
    return rows
  }

  @inline(never)
  private mutating func nextSlowly(into buffer: inout BatchBuffer) throws(RecordError) -> Bool {
    reader.skip(to: nextOffset, line: nextLine, record: nextRecord)
    let found: Bool
    do {
      found = try reader.next()
    } catch {
      takePosition()
      throw error
    }
    guard found else { return false }
    takePosition()
    try convert(row: reader, into: &buffer)
    return true
  }

  private mutating func takePosition() {
    rowRange = reader.rowRange
    lineOffset = reader.lineOffset
    lineCount = reader.lineCount
    recordIndex = reader.recordIndex
    nextOffset = reader.nextOffset
    nextLine = lineOffset + lineCount
    nextRecord = recordIndex + 1
  }

  /// Appends the row on which another reader of the same schema stands.
  package func convert(
    row: borrowing CSVRowReader, into buffer: inout BatchBuffer
  ) throws(RecordError) {
    let start = buffer.count
    do {
      for column in 0..<schema.columns.count {
        buffer.append(table.name(column))
        let kind = try classifier.kind(row, column)
        switch kind {
        case .null: buffer.append("null")
        case .number, .boolean: buffer.append(row.rawBytes(column))
        case .text:
          buffer.append(0x22)
          appendText(row, column, into: &buffer)
          buffer.append(0x22)
        }
      }
    } catch {
      buffer.truncate(to: start)
      throw error
    }
    buffer.append("}\n")
  }

  /// Appends a cell's text for the inside of a JSON string.
  private func appendText(_ row: borrowing CSVRowReader, _ column: Int, into buffer: inout BatchBuffer) {
    let bytes = row.rawBytes(column)
    guard row[column].flags.contains(.doubledQuotes) else {
      return JSONString.appendContent(bytes, into: &buffer)
    }
    var from = 0
    while let quote = Bytes.first(0x22, in: bytes, from: from) {
      JSONString.appendContent(bytes.bytes(from..<quote &+ 1), into: &buffer)
      from = quote &+ 2
    }
    if from < bytes.count { JSONString.appendContent(bytes.bytes(from..<bytes.count), into: &buffer) }
  }
}
