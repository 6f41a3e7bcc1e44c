/// Where each byte of a scalar's text stands in the file, through quotes, escapes, folding and indentation.
///
/// libyaml tells only where a scalar begins. This walks the file beside the text; where it loses the thread
/// it stays at the last place it was sure of.
struct ScalarMap {
  private let source: SourceText
  private(set) var offsets: [Int] = []
  /// Behind the last byte of the text.
  var end: Int { offsets[offsets.count - 1] }

  init(_ node: FileNode) {
    guard let scalar = node.scalar else {
      self.init(source: node.place.source, at: node.place.offset ?? 0, text: "", style: .plain)
      return
    }
    self.init(
      source: node.place.source, at: node.place.offset ?? 0, text: scalar.written, style: scalar.style)
  }

  init(source: SourceText, at mark: Int, text: String, style: ScalarStyle) {
    self.source = source
    let text = Array(text.utf8)
    let begin = Self.contentStart(in: source, from: mark)
    offsets.reserveCapacity(text.count + 1)
    switch style {
    case .plain: walkFlow(text, from: begin, style: .plain)
    case .single, .double: walkFlow(text, from: begin + 1, style: style)
    case .literal, .folded: walkBlock(text, header: begin, folded: style == .folded)
    }
    // Bytes that the walk did not reach stand where it ended.
    while offsets.count <= text.count { offsets.append(offsets.last ?? begin) }
  }

  /// The place of a UTF-8 offset in the text.
  func place(of offset: Int) -> Place { Place(source, offsets[min(max(0, offset), offsets.count - 1)]) }

  /// Skips `&anchor` and `!tag`, where libyaml lets a node with properties begin.
  static func contentStart(in source: SourceText, from mark: Int) -> Int {
    let bytes = source.bytes
    var i = mark
    while i < bytes.count, bytes[i] == UInt8(ascii: "&") || bytes[i] == UInt8(ascii: "!") {
      while i < bytes.count, !isBlank(bytes[i]) { i += 1 }
      while i < bytes.count, isBlank(bytes[i]) { i += 1 }
    }
    return i
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  private mutating func walkFlow(_ text: [UInt8], from begin: Int, style: ScalarStyle) {
    let bytes = source.bytes
    var i = begin
    var t = 0
    while t < text.count, i < bytes.count {
      let byte = bytes[i]
      if let run = lineBreaks(at: i) {
        t = fold(run, text: text, from: t)
        i = run.end
      } else if style == .single, byte == UInt8(ascii: "'") {
        guard text[t] == byte, i + 1 < bytes.count, bytes[i + 1] == byte else { return }
        offsets.append(i)
        t += 1
        i += 2
      } else if style == .double, byte == UInt8(ascii: "\\") {
        let escape = escape(at: i)
        for _ in 0..<min(escape.width, text.count - t) { offsets.append(i) }
        t += escape.width
        i = escape.end
      } else {
        guard text[t] == byte else { return }
        offsets.append(i)
        t += 1
        i += 1
      }
    }
    if offsets.count == text.count { offsets.append(i) }
  }

  /// A run of blanks with line breaks in it.
  private func lineBreaks(at start: Int) -> (breaks: Int, begin: Int, end: Int)? {
    let bytes = source.bytes
    var i = start
    var breaks = 0
    while i < bytes.count, Self.isBlank(bytes[i]) {
      if bytes[i] == 0x0D, i + 1 < bytes.count, bytes[i + 1] == 0x0A { i += 1 }
      if bytes[i] == 0x0A || bytes[i] == 0x0D { breaks += 1 }
      i += 1
    }
    return breaks > 0 ? (breaks, start, i) : nil
  }

  /// One break is read as a blank, more as one break less. Returns the next offset in the text.
  private mutating func fold(_ run: (breaks: Int, begin: Int, end: Int), text: [UInt8], from start: Int)
    -> Int
  {
    var t = start
    if run.breaks == 1 {
      guard t < text.count, text[t] == 0x20 else { return t }
      offsets.append(run.begin)
      return t + 1
    }
    for _ in 1..<run.breaks where t < text.count && text[t] == 0x0A {
      offsets.append(run.begin)
      t += 1
    }
    return t
  }

  /// How many bytes of text an escape stands for, and where it ends.
  private func escape(at start: Int) -> (width: Int, end: Int) {
    let bytes = source.bytes
    guard start + 1 < bytes.count else { return (0, bytes.count) }
    let digits: Int
    switch bytes[start + 1] {
    case UInt8(ascii: "x"): digits = 2
    case UInt8(ascii: "u"): digits = 4
    case UInt8(ascii: "U"): digits = 8
    case UInt8(ascii: "N"), UInt8(ascii: "_"): return (2, start + 2)
    case UInt8(ascii: "L"), UInt8(ascii: "P"): return (3, start + 2)
    case 0x0A, 0x0D: return (0, lineBreaks(at: start + 1)?.end ?? start + 2)
    default: return (1, start + 2)
    }
    let end = min(bytes.count, start + 2 + digits)
    let value = UInt32(String(decoding: bytes[(start + 2)..<end], as: UTF8.self), radix: 16)
    return (value.flatMap(Unicode.Scalar.init).map(UTF8.width) ?? 1, end)
  }

  private mutating func walkBlock(_ text: [UInt8], header: Int, folded: Bool) {
    guard let first = source.nextLine(after: header) else { return }
    let indent = indentation(of: text, from: first)
    let bytes = source.bytes
    var i = indented(first, by: indent)
    var t = 0
    while t < text.count, i < bytes.count {
      if bytes[i] == 0x0A || bytes[i] == 0x0D {
        var breaks = 0
        let begin = i
        while i < bytes.count, bytes[i] == 0x0A || bytes[i] == 0x0D, let next = source.nextLine(after: i) {
          breaks += 1
          i = indented(next, by: indent)
          if !folded { break }
        }
        if breaks == 0 { break }
        t = unfold(breaks, at: begin, text: text, from: t)
      } else {
        guard text[t] == bytes[i] else { return }
        offsets.append(i)
        t += 1
        i += 1
      }
    }
    if offsets.count == text.count { offsets.append(i) }
  }

  /// Takes from the text what some line breaks of a block stand for: a blank, or at most as many breaks.
  private mutating func unfold(_ breaks: Int, at offset: Int, text: [UInt8], from start: Int) -> Int {
    var t = start
    if t < text.count, text[t] == 0x20 {
      offsets.append(offset)
      return t + 1
    }
    for _ in 0..<breaks where t < text.count && text[t] == 0x0A {
      offsets.append(offset)
      t += 1
    }
    return t
  }

  /// The block's indentation: what its first line with text has in the file before what it has in the text.
  /// That holds with an indentation indicator too.
  private func indentation(of text: [UInt8], from firstLine: Int) -> Int {
    let shown = text.split(separator: 0x0A, omittingEmptySubsequences: true).first { line in
      line.contains { $0 != 0x20 }
    }
    var line: Int? = firstLine
    while let begin = line {
      let end = source.lineEnd(at: begin)
      if source.bytes[begin..<end].contains(where: { $0 != 0x20 && $0 != 0x09 }) {
        let blanks = source.bytes[begin..<end].prefix { $0 == 0x20 }.count
        let kept = shown?.prefix(while: { $0 == 0x20 }).count ?? 0
        return max(0, blanks - kept)
      }
      line = source.nextLine(after: begin)
    }
    return 0
  }

  private func indented(_ lineStart: Int, by indent: Int) -> Int {
    let end = source.lineEnd(at: lineStart)
    return lineStart + source.bytes[lineStart..<end].prefix(indent).prefix { $0 == 0x20 }.count
  }
}
