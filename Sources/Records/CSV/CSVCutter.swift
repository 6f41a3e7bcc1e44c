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
  /// or not a newline ends it. Errors: a NUL byte, and a quote still open at the end of the input.
  package func cut(_ buffer: UnsafeRawBufferPointer, isEnd: Bool) throws(RecordError) -> RecordCut? {
    guard let base = buffer.baseAddress, !buffer.isEmpty else {
      return isEnd ? RecordCut(length: 0, records: 0, lines: 0) : nil
    }
    if let nul = Bytes.first(0, in: buffer) {
      let line = Newlines.count(base, nul)
      throw RecordError(.nulByte(offset: nul), record: 0, line: line)
    }

    var scan = Scan(base: base, count: buffer.count)
    var position = 0
    while true {
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
        let line = scan.lines + scan.pendingLines
        throw RecordError(.unterminatedQuote, record: records(scan), line: line)
      }
      scan.pendingLines &+= Newlines.count(base + quote, close &- quote)
      position = close &+ 1
    }

    if isEnd {
      return wholeBuffer(buffer, scan)
    }
    guard scan.lines > 0 else { return nil }
    let last = Newlines.last(in: buffer.bytes(0..<scan.lastSegmentEnd))! + 1
    return RecordCut(length: last, records: records(scan), lines: scan.lines)
  }

  private func records(_ scan: Scan) -> Int {
    scan.ends - (countsBlankLines ? 0 : scan.blanks)
  }

  private func wholeBuffer(_ buffer: UnsafeRawBufferPointer, _ scan: Scan) -> RecordCut {
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

  /// Counts of what lies outside quotes.
  private struct Scan {
    let base: UnsafeRawPointer
    let count: Int
    /// Line ends outside quotes, and how many of them end blank lines.
    var ends = 0
    var blanks = 0
    /// Physical lines up to the last line end outside quotes; those after it wait in `pendingLines`.
    var lines = 0
    var pendingLines = 0
    /// End of the last stretch that held a line end.
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
}

/// Counts line ends and, among them, those of lines that hold nothing but a CR.
enum LineEnds {
  /// Looks at the two bytes before `from` too, where the buffer has them.
  @inline(__always)
  static func count(_ base: UnsafeRawPointer, _ from: Int, _ to: Int) -> (ends: Int, blanks: Int) {
    var ends = 0
    var blanks = 0
    var index = from
    if to &- from >= 64 {
      // The vectors look two bytes back.
      while index < max(from, 2) { scalar(base, index, &ends, &blanks); index &+= 1 }
      vectors(base, &index, to, &ends, &blanks)
    }
    while index < to {
      scalar(base, index, &ends, &blanks)
      index &+= 1
    }
    return (ends, blanks)
  }

  @inline(__always)
  private static func scalar(_ base: UnsafeRawPointer, _ index: Int, _ ends: inout Int, _ blanks: inout Int) {
    @inline(__always) func byte(_ at: Int) -> UInt8 {
      at < 0 ? 0x0A : base.load(fromByteOffset: at, as: UInt8.self)
    }
    guard byte(index) == 0x0A else { return }
    ends &+= 1
    let before = byte(index &- 1)
    if before == 0x0A || (before == 0x0D && byte(index &- 2) == 0x0A) { blanks &+= 1 }
  }

  private static func vectors(
    _ base: UnsafeRawPointer, _ index: inout Int, _ to: Int, _ ends: inout Int, _ blanks: inout Int
  ) {
    typealias Lanes = SIMD16<UInt8>
    let newline = Lanes(repeating: 0x0A)
    let carriageReturn = Lanes(repeating: 0x0D)
    while to &- index >= 16 {
      let rounds = min(255, (to &- index) / 16)
      var endLanes = Lanes(repeating: 0)
      var blankLanes = Lanes(repeating: 0)
      for _ in 0..<rounds {
        let here = base.loadUnaligned(fromByteOffset: index, as: Lanes.self)
        let before = base.loadUnaligned(fromByteOffset: index &- 1, as: Lanes.self)
        let twoBefore = base.loadUnaligned(fromByteOffset: index &- 2, as: Lanes.self)
        let isEnd = here .== newline
        let isBlank =
          isEnd .& ((before .== newline) .| ((before .== carriageReturn) .& (twoBefore .== newline)))
        endLanes &-= unsafeBitCast(isEnd, to: Lanes.self)
        blankLanes &-= unsafeBitCast(isBlank, to: Lanes.self)
        index &+= 16
      }
      ends &+= Int(SIMD16<UInt16>(truncatingIfNeeded: endLanes).wrappedSum())
      blanks &+= Int(SIMD16<UInt16>(truncatingIfNeeded: blankLanes).wrappedSum())
    }
  }
}
