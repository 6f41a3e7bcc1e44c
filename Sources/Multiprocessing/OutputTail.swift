/// The last lines of a captured stream, for crash reports and prefixed logs: bounded, with a count of what
/// was dropped. Pure.
package struct OutputTail: Sendable {
  /// The most lines kept.
  package let mostLines: Int
  /// The most bytes of one line kept; the rest of the line is dropped.
  package let mostBytes: Int
  /// The last whole lines, oldest first, without their newlines; a carriage return before it is cut too.
  package private(set) var lines: [[UInt8]] = []
  /// Lines that had to make room.
  package private(set) var droppedLines = 0
  /// Bytes of overlong lines that were not kept.
  package private(set) var droppedBytes = 0
  private var partial: [UInt8] = []

  package init(lines: Int = 40, bytesPerLine: Int = 4096) {
    mostLines = max(1, lines)
    mostBytes = max(1, bytesPerLine)
  }

  /// Takes bytes as they came, wherever they were cut. Returns the lines that they completed, for a log.
  @discardableResult
  package mutating func append(_ bytes: [UInt8]) -> [[UInt8]] {
    var completed: [[UInt8]] = []
    var start = 0
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      keep(bytes[start..<end])
      completed.append(endLine())
      start = end + 1
    }
    keep(bytes[start...])
    return completed
  }

  /// Ends a last line that has no newline: at the end of the stream. Returns it, if there is one.
  @discardableResult
  package mutating func finish() -> [UInt8]? { partial.isEmpty ? nil : endLine() }

  /// All that is kept as text, the unfinished line included.
  package var text: [String] {
    (partial.isEmpty ? lines : lines + [partial]).map { String(decoding: $0, as: UTF8.self) }
  }

  private mutating func keep(_ part: ArraySlice<UInt8>) {
    let room = min(part.count, mostBytes - partial.count)
    partial.append(contentsOf: part.prefix(room))
    droppedBytes += part.count - room
  }

  private mutating func endLine() -> [UInt8] {
    if partial.last == UInt8(ascii: "\r") { partial.removeLast() }
    let line = partial
    partial.removeAll(keepingCapacity: true)
    if lines.count == mostLines {
      lines.removeFirst()
      droppedLines += 1
    }
    lines.append(line)
    return line
  }
}
