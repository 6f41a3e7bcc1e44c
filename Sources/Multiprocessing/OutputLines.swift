/// Cuts a captured stream into lines, wherever its reads were cut. Pure.
///
/// A line that is too long comes in parts, so that what is held is bounded.
package struct OutputLines: Sendable {
  package struct Line: Equatable, Sendable {
    /// Without its newline; a carriage return before it is cut too.
    package var bytes: [UInt8]
    /// The next one goes on with the same line of the stream.
    package var isCut: Bool

    /// For people: an ellipsis stands where the line was cut.
    package var text: String { String(decoding: bytes, as: UTF8.self) + (isCut ? "…" : "") }
  }

  /// The most bytes of a line that come in one.
  package let mostBytes: Int
  private var partial: [UInt8] = []

  package init(bytesPerLine: Int = 4096) { mostBytes = max(4, bytesPerLine) }

  /// Takes bytes as they came. Returns the lines that they completed.
  package mutating func append(_ bytes: [UInt8]) -> [Line] {
    var lines: [Line] = []
    var start = 0
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      keep(bytes[start..<end], &lines)
      lines.append(endLine())
      start = end + 1
    }
    keep(bytes[start...], &lines)
    return lines
  }

  /// Ends a last line that has no newline: at the end of the stream. Returns it, if there is one.
  package mutating func finish() -> Line? { partial.isEmpty ? nil : endLine() }

  private mutating func keep(_ part: ArraySlice<UInt8>, _ lines: inout [Line]) {
    partial.append(contentsOf: part)
    while partial.count > mostBytes {
      let end = characterBoundary(before: mostBytes)
      lines.append(Line(bytes: Array(partial[..<end]), isCut: true))
      partial.removeSubrange(..<end)
    }
  }

  /// Where to cut so that no character of UTF-8 is torn; what is none is cut anywhere.
  private func characterBoundary(before most: Int) -> Int {
    var end = most
    while end > most - 3, partial[end] & 0xC0 == 0x80 { end -= 1 }
    return partial[end] & 0xC0 == 0x80 ? most : end
  }

  private mutating func endLine() -> Line {
    if partial.last == UInt8(ascii: "\r") { partial.removeLast() }
    defer { partial.removeAll(keepingCapacity: true) }
    return Line(bytes: partial, isCut: false)
  }
}
