/// Finds the record boundaries of CSV without reading cells. Agrees with ``CSVRowReader`` on any input.
///
/// Outside quotes each LF ends a record; a quote opens only at the start of a field, that is behind a delimiter,
/// an LF or the buffer's start. A line that is empty but for its CR is skipped, except where there is exactly
/// one column: there it is an empty cell.
package struct CSVCutter: Sendable {
  package let delimiter: UInt8
  package let countsBlankLines: Bool

  package init(delimiter: UInt8 = 0x2C, columns: Int) {
    self.delimiter = delimiter
    countsBlankLines = columns == 1
  }

  package init(schema: CSVSchema) {
    self.init(delimiter: schema.delimiter, columns: schema.columns.count)
  }

  /// Cuts behind the last complete record of `buffer`, which starts at a record's start.
  ///
  /// Nil: no record is complete, more input is needed. At the end of the input the whole buffer is cut, whether
  /// or not a newline ends it. Errors: a NUL byte, and a quote still open at the end of the input. Where damage
  /// is accepted, neither is one: a NUL is a byte like others, and the record with the open quote takes the rest
  /// of the input.
  package func cut(
    _ buffer: UnsafeRawBufferPointer, isEnd: Bool, acceptsDamage: Bool = false
  ) throws(RecordError) -> RecordCut? {
    guard let base = buffer.baseAddress, !buffer.isEmpty else {
      return isEnd ? RecordCut(length: 0, records: 0, lines: 0) : nil
    }
    if !acceptsDamage, let nul = Bytes.first(0, in: buffer) {
      let line = Newlines.count(base, nul)
      throw RecordError(.nulByte(offset: nul), record: 0, line: line)
    }

    var scan = CSVCutScan(base: base, count: buffer.count)
    var position = 0
    var quotes = 0
    while true {
      // Searching from quote to quote is for texts where they are far apart. This becomes true only by the
      // count of quoted cells, so `position` is behind a closing quote then.
      if quotes >= 16 && position < quotes &* 64 {
        guard QuoteScan.finish(&scan, from: position, delimiter) || !isEnd || acceptsDamage else {
          throw openQuote(in: buffer, scan)
        }
        break
      }
      let quote = Bytes.first(0x22, in: buffer, from: position)
      scan.outside(position, quote ?? buffer.count)
      guard let quote else { break }
      if quote > 0 {
        let before = buffer[quote &- 1]
        if before != delimiter && before != 0x0A {
          position = quote &+ 1
          continue
        }
      }
      guard let close = closingQuote(in: buffer, from: quote &+ 1, isEnd: isEnd) else {
        guard isEnd else { break }
        guard acceptsDamage else { throw openQuote(in: buffer, scan) }
        scan.pendingLines &+= Newlines.count(base + quote, buffer.count &- quote)
        break
      }
      quotes &+= 1
      scan.pendingLines &+= Newlines.count(base + quote, close &- quote)
      position = close &+ 1
    }

    if isEnd {
      return wholeBuffer(buffer, scan)
    }
    guard scan.ends > 0 else { return nil }
    let last = Newlines.last(in: buffer.bytes(0..<scan.lastSegmentEnd))! + 1
    return RecordCut(length: last, records: records(scan), lines: scan.lines)
  }

  private func records(_ scan: CSVCutScan) -> Int {
    scan.ends - (countsBlankLines ? 0 : scan.blanks)
  }

  private func wholeBuffer(_ buffer: UnsafeRawBufferPointer, _ scan: CSVCutScan) -> RecordCut {
    let count = buffer.count
    let tail = scan.ends == 0 ? 0 : Newlines.last(in: buffer.bytes(0..<scan.lastSegmentEnd))! + 1
    var cut = RecordCut(length: count, records: records(scan), lines: scan.lines)
    guard tail < count else { return cut }
    cut.lacksNewline = true
    cut.lines += scan.pendingLines + 1
    let isBlank = tail == count - 1 && buffer[tail] == 0x0D
    if countsBlankLines || !isBlank { cut.records += 1 }
    return cut
  }

  /// The quote that closes the one before `start`; a doubled one closes nothing.
  @inline(__always)
  private func closingQuote(in buffer: UnsafeRawBufferPointer, from start: Int, isEnd: Bool) -> Int? {
    var index = start
    while let quote = Bytes.first(0x22, in: buffer, from: index) {
      // The last byte may be the first half of a doubled quote: only more input tells.
      if quote &+ 1 == buffer.count { return isEnd ? quote : nil }
      if buffer[quote &+ 1] != 0x22 { return quote }
      index = quote &+ 2
    }
    return nil
  }

  /// The error of a quote that is open at the end of the input, after the records that `scan` has counted.
  private func openQuote(in buffer: UnsafeRawBufferPointer, _ scan: CSVCutScan) -> RecordError {
    var line = scan.lines
    var opened = line
    var state = QuoteScan.fieldStart
    let start = scan.ends == 0 ? 0 : Newlines.last(in: buffer.bytes(0..<scan.lastSegmentEnd))! + 1
    for index in start..<buffer.count {
      let next = QuoteScan.next(state, buffer[index], delimiter)
      if state == QuoteScan.fieldStart && next == QuoteScan.quoted { opened = line }
      if buffer[index] == 0x0A { line += 1 }
      state = next
    }
    return RecordError(.unterminatedQuote, record: records(scan), line: opened)
  }
}

/// What a cutter has counted so far.
struct CSVCutScan {
  let base: UnsafeRawPointer
  let count: Int
  /// Line ends outside quotes, and how many of them end blank lines.
  var ends = 0
  var blanks = 0
  /// Physical lines up to the last line end outside quotes; those after it wait in `pendingLines`.
  var lines = 0
  var pendingLines = 0
  /// End of the last stretch that held a line end outside quotes: no other kind follows the last one there.
  var lastSegmentEnd = 0

  @inline(__always)
  mutating func outside(_ from: Int, _ to: Int) {
    let found = LineEnds.count(base, from, to)
    guard found.ends > 0 else { return }
    ends &+= found.ends
    blanks &+= found.blanks
    lines &+= pendingLines &+ found.ends
    pendingLines = 0
    lastSegmentEnd = to
  }
}
