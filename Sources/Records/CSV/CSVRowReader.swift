/// One cell: where its content stands in the payload, without the quotes around it.
package struct CSVCellSpan: Equatable, Sendable {
  package var start: Int
  package var end: Int
  package var flags: CSVCellFlags

  @inline(__always)
  package var range: Range<Int> { Range(uncheckedBounds: (start, end)) }
}

package struct CSVCellFlags: OptionSet, Sendable {
  package let rawValue: UInt8
  @inline(__always)
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let quoted = CSVCellFlags(rawValue: 1)
  /// The content holds quotes, each written twice.
  package static let doubledQuotes = CSVCellFlags(rawValue: 2)
  /// The row ended before this cell (``CSVRagged/pad``).
  package static let missing = CSVCellFlags(rawValue: 4)
}

/// Reads rows of CSV as cell ranges. This is the grammar; cutter, JSON conversion and writer follow it.
///
/// - A cell that starts with `"` is quoted: it runs to the next quote that is not doubled, newlines and
///   delimiters included. What follows must be the delimiter or the line's end.
/// - Any other cell runs to the delimiter or the line's end; quotes and lone CRs inside are data.
/// - A line ends at LF or CRLF; the end of the payload ends the last line, and a CR right before it belongs
///   to the missing line end.
/// - A line without a byte (but for its CR) is skipped, unless there is exactly one column.
///
/// No allocation per row. The payload given to ``start(_:)`` must outlive the reading.
package struct CSVRowReader: ~Copyable {
  package let delimiter: UInt8
  /// Cells a row must have; 0: any number.
  private let columns: Int
  private let ragged: CSVRagged

  private var base = UnsafeRawPointer(bitPattern: 1)!
  private var count = 0
  private var spans: UnsafeMutablePointer<CSVCellSpan>
  private var spanCapacity: Int
  private var cells = 0

  /// Where the next row starts.
  package private(set) var nextOffset = 0
  private var nextLine = 0
  private var nextRecord = 0

  /// The row's bytes without its line end.
  package private(set) var rowRange = 0..<0
  /// Lines between the start of the payload and the row's first line.
  package private(set) var lineOffset = 0
  /// Physical lines that the row spans.
  package private(set) var lineCount = 0
  /// Index of the row in the payload; counts rows with errors too.
  package private(set) var recordIndex = 0

  package init(schema: CSVSchema) {
    self.init(delimiter: schema.delimiter, columns: schema.columns.count, ragged: schema.ragged)
  }

  init(delimiter: UInt8, columns: Int = 0, ragged: CSVRagged = .fail) {
    self.delimiter = delimiter
    self.columns = columns
    self.ragged = ragged
    spanCapacity = max(columns, 16)
    spans = .allocate(capacity: spanCapacity)
  }

  deinit { spans.deallocate() }

  package mutating func start(_ payload: UnsafeRawBufferPointer) {
    base = payload.baseAddress ?? base
    count = payload.count
    skip(to: 0, line: 0, record: 0)
    rowRange = 0..<0
    cells = 0
  }

  /// Goes on at another row of the same payload, whose place the caller knows.
  @inline(__always)
  package mutating func skip(to offset: Int, line: Int, record: Int) {
    nextOffset = offset
    nextLine = line
    nextRecord = record
  }

  /// Cells of the row: as many as there are columns, unless the schema is open.
  package var cellCount: Int { cells }

  @inline(__always)
  package subscript(_ index: Int) -> CSVCellSpan {
    assert(index >= 0 && index < cells)
    return spans[index]
  }

  /// Content of a cell as it stands in the payload: doubled quotes still doubled.
  @inline(__always)
  package func rawBytes(_ index: Int) -> UnsafeRawBufferPointer {
    let span = spans[index]
    return UnsafeRawBufferPointer(start: base + span.start, count: span.end &- span.start)
  }

  /// The row's bytes without its line end.
  package var rowBytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + rowRange.lowerBound, count: rowRange.count)
  }

  /// Appends a cell's text, its doubled quotes made single.
  package func appendText(_ index: Int, into buffer: inout BatchBuffer) {
    let bytes = rawBytes(index)
    guard spans[index].flags.contains(.doubledQuotes) else { return buffer.append(bytes) }
    var from = 0
    while let quote = Bytes.first(0x22, in: bytes, from: from) {
      buffer.append(bytes.bytes(from..<quote &+ 1))
      from = quote &+ 2
    }
    if from < bytes.count { buffer.append(bytes.bytes(from..<bytes.count)) }
  }

  /// Reads the next row; false at the end of the payload.
  ///
  /// After an error the reader stands behind the faulty row, whose range and lines are known; reading may go on.
  package mutating func next() throws(RecordError) -> Bool {
    while nextOffset < count {
      if columns == 1 || !skipBlankLine() {
        try readRow()
        return true
      }
    }
    return false
  }

  @inline(__always)
  private func byte(_ offset: Int) -> UInt8 { base.load(fromByteOffset: offset, as: UInt8.self) }

  /// Whether a CR at `offset` belongs to a line end.
  @inline(__always)
  private func endsLine(carriageReturn offset: Int) -> Bool {
    offset &+ 1 == count || byte(offset &+ 1) == 0x0A
  }

  private mutating func skipBlankLine() -> Bool {
    var offset = nextOffset
    if byte(offset) == 0x0D && endsLine(carriageReturn: offset) { offset &+= 1 }
    if offset < count {
      guard byte(offset) == 0x0A else { return false }
      offset &+= 1
    }
    nextOffset = offset
    nextLine &+= 1
    return true
  }

  private mutating func readRow() throws(RecordError) {
    let start = nextOffset
    recordIndex = nextRecord
    lineOffset = nextLine
    cells = 0
    var fault: RecordFault?
    var faultLine = 0
    var position = start
    var newlines = 0
    let stops = Words.repeating(delimiter)

    row: while true {
      var span = CSVCellSpan(start: position, end: position, flags: [])
      if position < count && byte(position) == 0x22 {
        let opened = newlines
        let closed = readQuoted(&position, &span, &newlines)
        if !closed {
          fault = fault ?? .unterminatedQuote
          faultLine = opened
        } else if position < count {
          let after = byte(position)
          let isFine =
            after == delimiter || after == 0x0A
            || (after == 0x0D && endsLine(carriageReturn: position))
          if !isFine && fault == nil {
            fault = .textAfterQuote(after)
            faultLine = newlines
          }
        }
      }
      // What follows a closing quote by mistake is skipped as if it were unquoted: so does the cutter.
      skipUnquoted(&position, stops)
      let isLast = position >= count || byte(position) == 0x0A
      if !span.flags.contains(.quoted) {
        span.end = position
        if isLast && position > span.start && byte(position &- 1) == 0x0D { span.end = position &- 1 }
      }
      append(span)
      if isLast { break row }
      position &+= 1
    }

    let hasCarriageReturn = position > start && byte(position &- 1) == 0x0D
    rowRange = start..<(hasCarriageReturn ? position &- 1 : position)
    lineCount = newlines &+ 1
    nextOffset = min(position &+ 1, count)
    nextLine = lineOffset &+ lineCount
    nextRecord = recordIndex &+ 1

    if let nul = Bytes.first(0, in: rowBytes) {
      let line = Newlines.count(base + start, nul)
      throw RecordError(.nulByte(offset: start + nul), record: recordIndex, line: lineOffset + line)
    }
    if let fault { throw RecordError(fault, record: recordIndex, line: lineOffset + faultLine) }
    if cells != columns && columns > 0 { try settleRagged() }
  }

  @inline(__always)
  private func skipUnquoted(_ position: inout Int, _ delimiters: UInt64) {
    let newlines = Words.repeating(0x0A)
    while count &- position >= 8 {
      let word = Words.load(base + position)
      let found = Words.first(Words.equal(word, delimiters) | Words.equal(word, newlines))
      position &+= found
      if found < 8 { return }
    }
    while position < count, byte(position) != delimiter, byte(position) != 0x0A { position &+= 1 }
  }

  /// Reads from the opening quote to behind the closing one; false if the payload ends first.
  private func readQuoted(_ position: inout Int, _ span: inout CSVCellSpan, _ newlines: inout Int) -> Bool {
    let payload = UnsafeRawBufferPointer(start: base, count: count)
    span.start = position &+ 1
    span.flags = .quoted
    var index = span.start
    while let quote = Bytes.firstNear(0x22, in: payload, from: index) {
      if quote &+ 1 < count && byte(quote &+ 1) == 0x22 {
        span.flags.insert(.doubledQuotes)
        index = quote &+ 2
        continue
      }
      span.end = quote
      newlines &+= Newlines.count(base + span.start, quote &- span.start)
      position = quote &+ 1
      return true
    }
    span.end = count
    newlines &+= Newlines.count(base + span.start, count &- span.start)
    position = count
    return false
  }

  private mutating func append(_ span: CSVCellSpan) {
    if cells == spanCapacity {
      let grown = UnsafeMutablePointer<CSVCellSpan>.allocate(capacity: spanCapacity * 2)
      grown.moveInitialize(from: spans, count: cells)
      spans.deallocate()
      spans = grown
      spanCapacity *= 2
    }
    (spans + cells).initialize(to: span)
    cells &+= 1
  }

  private mutating func settleRagged() throws(RecordError) {
    let found = cells
    if found < columns {
      let end = rowRange.upperBound
      while cells < columns { append(CSVCellSpan(start: end, end: end, flags: .missing)) }
      if ragged == .pad { return }
      throw RecordError(.tooFewCells(expected: columns, found: found), record: recordIndex, line: lineOffset)
    }
    let extraIsEmpty = (columns..<found).allSatisfy { spans[$0].start == spans[$0].end }
    cells = columns
    if ragged == .pad && extraIsEmpty { return }
    throw RecordError(.tooManyCells(expected: columns, found: found), record: recordIndex, line: lineOffset)
  }
}
