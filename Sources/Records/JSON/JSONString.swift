/// The contents of JSON strings: escaping and unescaping.
package enum JSONString {
  /// Appends `bytes` as a JSON string with its quotes.
  ///
  /// Escapes only what must be: quote, backslash and control characters. UTF-8 passes through.
  package static func append(_ bytes: UnsafeRawBufferPointer, into buffer: inout BatchBuffer) {
    buffer.append(0x22)
    appendContent(bytes, into: &buffer)
    buffer.append(0x22)
  }

  package static func append(_ text: String, into buffer: inout BatchBuffer) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0), into: &buffer) }
  }

  /// Appends `bytes` escaped, without quotes.
  package static func appendContent(_ bytes: UnsafeRawBufferPointer, into buffer: inout BatchBuffer) {
    guard let base = bytes.baseAddress else { return }
    let count = bytes.count
    var from = 0
    while from < count {
      let stop = nextEscaped(base, from, count)
      buffer.append(bytes.bytes(from..<stop))
      guard stop < count else { return }
      appendEscape(of: bytes[stop], into: &buffer)
      from = stop &+ 1
    }
  }

  /// Offset of the next byte that must be escaped, `count` if none.
  @inline(__always)
  private static func nextEscaped(_ base: UnsafeRawPointer, _ start: Int, _ count: Int) -> Int {
    var index = start
    while count &- index >= 8 {
      let word = Words.load(base + index)
      let found = Words.first(
        Words.equal(word, Words.repeating(0x22)) | Words.equal(word, Words.repeating(0x5C))
          | Words.controls(word))
      if found < 8 { return index &+ found }
      index &+= 8
    }
    while index < count {
      let byte = base.load(fromByteOffset: index, as: UInt8.self)
      if byte < 0x20 || byte == 0x22 || byte == 0x5C { return index }
      index &+= 1
    }
    return count
  }

  private static func appendEscape(of byte: UInt8, into buffer: inout BatchBuffer) {
    switch byte {
    case 0x22: buffer.append("\\\"")
    case 0x5C: buffer.append("\\\\")
    case 0x08: buffer.append("\\b")
    case 0x0C: buffer.append("\\f")
    case 0x0A: buffer.append("\\n")
    case 0x0D: buffer.append("\\r")
    case 0x09: buffer.append("\\t")
    default:
      buffer.append("\\u00")
      buffer.append(hexDigit(byte >> 4))
      buffer.append(hexDigit(byte & 15))
    }
  }

  /// Appends the text that `content`, what stands between a JSON string's quotes, stands for.
  ///
  /// An escaped surrogate without its other half becomes U+FFFD, and a malformed escape stands for itself.
  package static func unescape(_ content: UnsafeRawBufferPointer, into buffer: inout BatchBuffer) {
    var from = 0
    while let backslash = Bytes.first(0x5C, in: content, from: from) {
      if backslash > from { buffer.append(content.bytes(from..<backslash)) }
      from = backslash &+ 2
      guard from <= content.count else {
        buffer.append(0x5C)
        return
      }
      switch content[backslash &+ 1] {
      case 0x62: buffer.append(0x08)
      case 0x66: buffer.append(0x0C)
      case 0x6E: buffer.append(0x0A)
      case 0x72: buffer.append(0x0D)
      case 0x74: buffer.append(0x09)
      case 0x75: from = unescapeUnit(content, from, &buffer)
      case let other: buffer.append(other)
      }
    }
    if from < content.count { buffer.append(content.bytes(from..<content.count)) }
  }

  /// Appends the character whose hexadecimal digits start at `start`; answers where the rest goes on.
  private static func unescapeUnit(
    _ content: UnsafeRawBufferPointer, _ start: Int, _ buffer: inout BatchBuffer
  ) -> Int {
    guard let unit = codeUnit(content, start) else {
      buffer.append("\\u")
      return start
    }
    var end = start + 4
    var scalar = Unicode.Scalar(unit)
    if unit & 0xFC00 == 0xD800, end + 1 < content.count, content[end] == 0x5C, content[end + 1] == 0x75,
      let low = codeUnit(content, end + 2), low & 0xFC00 == 0xDC00
    {
      scalar = Unicode.Scalar(0x10000 + (unit & 0x3FF) << 10 + (low & 0x3FF))
      end += 6
    }
    for byte in UTF8.encode(scalar ?? "\u{FFFD}")! { buffer.append(byte) }
    return end
  }

  private static func codeUnit(_ content: UnsafeRawBufferPointer, _ start: Int) -> UInt32? {
    guard content.count - start >= 4 else { return nil }
    var unit: UInt32 = 0
    for index in start..<start + 4 {
      guard let digit = hexValue(content[index]) else { return nil }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }

  static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x61 + value - 10 }
}
