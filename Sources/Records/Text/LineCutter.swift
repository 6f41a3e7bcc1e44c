/// Finds record boundaries where a record is a line. Agrees with ``LineReader`` on any input.
package struct LineCutter: Sendable {
  /// Lines of nothing but spaces, tabs and CRs are allowed and are no records.
  package let skipsBlanks: Bool

  package init(skipsBlanks: Bool) { self.skipsBlanks = skipsBlanks }

  /// JSON lines: blank lines are no records.
  package static let jsonLines = LineCutter(skipsBlanks: true)
  /// Plain lines: each is a record, blank or not.
  package static let lines = LineCutter(skipsBlanks: false)

  /// Cuts behind the last newline of `buffer`, which starts at a line's start; at the end of the input, the
  /// whole buffer. Nil: no line is complete, more input is needed.
  package func cut(_ buffer: UnsafeRawBufferPointer, isEnd: Bool) -> RecordCut? {
    let lastEnd = Newlines.last(in: buffer).map { $0 + 1 } ?? 0
    if !isEnd && lastEnd == 0 { return nil }
    let hasTail = isEnd && lastEnd < buffer.count
    var cut = RecordCut(length: hasTail ? buffer.count : lastEnd, records: 0, lines: 0, lacksNewline: hasTail)
    guard skipsBlanks else {
      cut.lines = Newlines.count(in: buffer.bytes(0..<lastEnd)) + (hasTail ? 1 : 0)
      cut.records = cut.lines
      return cut
    }
    var reader = LineReader(buffer.bytes(0..<cut.length), skipsBlanks: true)
    while reader.next() != nil { cut.records &+= 1 }
    cut.lines = reader.linesRead
    return cut
  }
}
