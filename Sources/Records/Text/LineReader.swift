/// Iterates the lines of a payload.
///
/// A line's range holds neither its LF nor a CR before it, nor a CR that ends the payload: what is handed to
/// steps and sinks is the record and nothing else. The payload must outlive the reader.
package struct LineReader {
  private let payload: UnsafeRawBufferPointer
  private let skipsBlanks: Bool
  private var nextOffset = 0

  /// Physical lines read so far, skipped ones included.
  package private(set) var linesRead = 0
  /// Lines between the start of the payload and the line in hand.
  package var lineOffset: Int { linesRead - 1 }

  package init(_ payload: UnsafeRawBufferPointer, skipsBlanks: Bool) {
    self.payload = payload
    self.skipsBlanks = skipsBlanks
  }

  /// The next line's range, or nil at the end.
  package mutating func next() -> Range<Int>? {
    while nextOffset < payload.count {
      let start = nextOffset
      var end = Newlines.first(in: payload, from: start) ?? payload.count
      nextOffset = end &+ 1
      linesRead &+= 1
      if end > start && payload[end &- 1] == 0x0D { end &-= 1 }
      if skipsBlanks && isBlank(start, end) { continue }
      return Range(uncheckedBounds: (start, end))
    }
    return nil
  }

  @inline(__always)
  private func isBlank(_ start: Int, _ end: Int) -> Bool {
    var index = start
    while index < end {
      let byte = payload[index]
      guard byte == 0x20 || byte == 0x09 || byte == 0x0D else { return false }
      index &+= 1
    }
    return true
  }
}
