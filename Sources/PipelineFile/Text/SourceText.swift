/// The text of one file with its lines: turns YAML's marks and byte offsets into positions.
final class SourceText {
  /// As the user named it.
  let file: String
  let bytes: [UInt8]
  /// Offsets at which lines begin as editors count them.
  private let lineStarts: [Int]
  /// Offsets at which lines begin as libyaml counts them: U+0085, U+2028 and U+2029 end a line there.
  private let yamlLineStarts: [Int]
  /// The only place there is, in a file whose text is not at hand.
  private let only: SourcePosition?

  /// One place in a file whose text is not at hand.
  init(only position: SourcePosition) {
    file = position.file
    bytes = []
    lineStarts = [0]
    yamlLineStarts = [0]
    only = position
  }

  init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
    only = nil
    var lines = [0]
    var yamlLines = [0]
    var i = 0
    while i < bytes.count {
      let byte = bytes[i]
      if byte == 0x0A || byte == 0x0D {
        if byte == 0x0D, i + 1 < bytes.count, bytes[i + 1] == 0x0A { i += 1 }
        lines.append(i + 1)
        yamlLines.append(i + 1)
      } else if byte == 0xC2, i + 1 < bytes.count, bytes[i + 1] == 0x85 {
        i += 1
        yamlLines.append(i + 1)
      } else if byte == 0xE2, i + 2 < bytes.count, bytes[i + 1] == 0x80, bytes[i + 2] & 0xFE == 0xA8 {
        i += 2
        yamlLines.append(i + 1)
      }
      i += 1
    }
    lineStarts = lines
    yamlLineStarts = yamlLines
  }

  /// The offset that a mark of libyaml means; its columns count code points, lines and columns from 1.
  func offset(yamlLine: Int, yamlColumn: Int) -> Int {
    guard yamlLine >= 1 else { return 0 }
    guard yamlLine <= yamlLineStarts.count else { return bytes.count }
    var offset = yamlLineStarts[yamlLine - 1]
    var remaining = yamlColumn - 1
    while remaining > 0, offset < bytes.count {
      offset += 1
      while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
      remaining -= 1
    }
    return offset
  }

  func position(at offset: Int) -> SourcePosition {
    if let only { return only }
    let line = lineIndex(at: offset)
    return SourcePosition(file: file, line: line + 1, column: min(offset, bytes.count) - lineStarts[line] + 1)
  }

  /// The text of a line, counted from 1, without its end; nil if there is none.
  func line(_ number: Int) -> String? {
    guard only == nil, number >= 1, number <= lineStarts.count else { return nil }
    let start = lineStarts[number - 1]
    return String(decoding: bytes[start..<lineEnd(at: start)], as: UTF8.self)
  }

  /// Where the line that holds the offset begins.
  func lineStart(at offset: Int) -> Int { lineStarts[lineIndex(at: offset)] }

  /// Where the line that holds the offset ends, before its line feed.
  func lineEnd(at offset: Int) -> Int {
    var end = offset
    while end < bytes.count, bytes[end] != 0x0A, bytes[end] != 0x0D { end += 1 }
    return end
  }

  /// Where the line after the one that holds the offset begins, or nil.
  func nextLine(after offset: Int) -> Int? {
    let index = lineIndex(at: offset) + 1
    return index < lineStarts.count ? lineStarts[index] : nil
  }

  private func lineIndex(at offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while low + 1 < high {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }
}
