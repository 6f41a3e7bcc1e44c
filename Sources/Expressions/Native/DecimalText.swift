import Glibc

/// Reads the text of a JSON number as the nearest `Double`.
package enum DecimalText {
  private static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
  ]

  /// The text must be a number by JSON's grammar.
  ///
  /// Up to 15 digits and 22 decimals the quotient of two exact doubles is the correctly rounded value
  /// (Clinger, "How to Read Floating Point Numbers Accurately", 1990); the rest goes through `strtod`.
  package static func value(_ text: UnsafeRawBufferPointer) -> Double {
    var index = 0
    let isNegative = text[0] == UInt8(ascii: "-")
    if isNegative { index = 1 }
    var digits: UInt64 = 0
    var decimals = 0
    var seen = 0
    var isFraction = false
    while index < text.count {
      let byte = text[index]
      if byte >= 0x30 && byte <= 0x39 {
        digits = digits &* 10 &+ UInt64(byte &- 0x30)
        seen &+= 1
        if isFraction { decimals &+= 1 }
      } else if byte == UInt8(ascii: ".") {
        isFraction = true
      } else {
        return slow(text)
      }
      index &+= 1
    }
    if seen > 15 || decimals > 22 { return slow(text) }
    let magnitude = Double(digits) / powers[decimals]
    return isNegative ? -magnitude : magnitude
  }

  /// The value of a number of up to 15 digits without an exponent; nil for everything else, numbers or not.
  static func plain(_ text: UnsafeRawBufferPointer) -> Double? {
    let count = text.count
    guard count > 0, count <= 17 else { return nil }
    var index = text[0] == UInt8(ascii: "-") ? 1 : 0
    let start = index
    var digits: UInt64 = 0
    while index < count, text[index] &- 0x30 < 10 {
      digits = digits &* 10 &+ UInt64(text[index] &- 0x30)
      index &+= 1
    }
    let whole = index &- start
    guard whole > 0, whole == 1 || text[start] != 0x30 else { return nil }
    var decimals = 0
    if index < count {
      guard text[index] == UInt8(ascii: ".") else { return nil }
      index &+= 1
      while index < count, text[index] &- 0x30 < 10 {
        digits = digits &* 10 &+ UInt64(text[index] &- 0x30)
        index &+= 1
        decimals &+= 1
      }
      guard decimals > 0, index == count else { return nil }
    }
    guard whole &+ decimals <= 15 else { return nil }
    let magnitude = decimals == 0 ? Double(digits) : Double(digits) / powers[decimals]
    return start == 1 ? -magnitude : magnitude
  }

  private static func slow(_ text: UnsafeRawBufferPointer) -> Double {
    withUnsafeTemporaryAllocation(byteCount: text.count + 1, alignment: 1) { copy in
      copy.copyMemory(from: text)
      copy[text.count] = 0
      return strtod(copy.baseAddress!.assumingMemoryBound(to: CChar.self), nil)
    }
  }
}
