/// The parts of JSON's grammar that libjq is lax about.
///
/// libjq takes `nan`, `Infinity`, `01`, `.5`, `+1` and raw control characters for JSON. This looks at words,
/// numbers and strings only; structure is libjq's to check.
enum JSONGrammar {
  /// What is wrong with `text`, or nil; the offset is in bytes.
  static func fault(in text: UnsafeRawBufferPointer) -> (message: StaticString, offset: Int)? {
    var index = 0
    let end = text.count
    while index < end {
      switch text[index] {
      case UInt8(ascii: "\""):
        index += 1
        while index < end, text[index] != UInt8(ascii: "\"") {
          if text[index] < 0x20 { return ("a control character in a string must be escaped", index) }
          index += text[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        index += 1
      case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","),
        UInt8(ascii: ":"), 0x20, 0x09, 0x0a, 0x0d:
        index += 1
      case UInt8(ascii: "t"):
        guard isWord("true", at: index, of: text) else { return ("an unknown word", index) }
        index += 4
      case UInt8(ascii: "f"):
        guard isWord("false", at: index, of: text) else { return ("an unknown word", index) }
        index += 5
      case UInt8(ascii: "n"):
        guard isWord("null", at: index, of: text) else { return ("an unknown word", index) }
        index += 4
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        guard let next = endOfNumber(at: index, of: text) else { return ("a malformed number", index) }
        index = next
      default:
        return ("an unexpected character", index)
      }
    }
    return nil
  }

  private static func isWord(_ word: StaticString, at index: Int, of text: UnsafeRawBufferPointer) -> Bool {
    let length = word.utf8CodeUnitCount
    guard index + length <= text.count else { return false }
    for position in 0..<length where text[index + position] != word.utf8Start[position] { return false }
    return endsToken(at: index + length, of: text)
  }

  private static func endOfNumber(at start: Int, of text: UnsafeRawBufferPointer) -> Int? {
    var index = start
    if text[index] == UInt8(ascii: "-") { index += 1 }
    if index < text.count, text[index] == UInt8(ascii: "0") {
      index += 1
    } else {
      guard skipDigits(&index, of: text) else { return nil }
    }
    if index < text.count, text[index] == UInt8(ascii: ".") {
      index += 1
      guard skipDigits(&index, of: text) else { return nil }
    }
    if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      if index < text.count, text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-") {
        index += 1
      }
      guard skipDigits(&index, of: text) else { return nil }
    }
    return endsToken(at: index, of: text) ? index : nil
  }

  private static func skipDigits(_ index: inout Int, of text: UnsafeRawBufferPointer) -> Bool {
    let start = index
    while index < text.count, text[index] &- UInt8(ascii: "0") < 10 { index += 1 }
    return index > start
  }

  private static func endsToken(at index: Int, of text: UnsafeRawBufferPointer) -> Bool {
    guard index < text.count else { return true }
    switch text[index] {
    case 0x20, 0x09, 0x0a, 0x0d, UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"):
      return true
    default:
      return false
    }
  }
}
