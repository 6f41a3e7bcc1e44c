/// A number's JSON text, as jq 1.6 prints it: the shortest digits that give the same double, an exponent of at
/// least two digits where it is below -4 or more than 15 zeros would follow.
enum JSONNumberText {
  /// The most bytes that `write` needs.
  static let maximumCount = 48

  /// Writes the text at the start of `buffer`, which has room for `maximumCount` bytes; returns its length.
  static func write(_ value: Double, to buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard !value.isNaN else { return put("null", to: buffer, at: 0) }
    var text = Output(buffer: buffer)
    if value.sign == .minus { text.put(UInt8(ascii: "-")) }
    let magnitude = min(value.magnitude, .greatestFiniteMagnitude)
    if magnitude < 0x1p53 {
      let whole = UInt64(magnitude)
      if Double(whole) == magnitude {
        text.put(decimal: whole)
        return text.count
      }
      if let (digits, scale) = shortDecimal(magnitude) {
        text.put(digits: digits, scale: scale)
        return text.count
      }
    }
    let (digits, scale) = shortestDigits(magnitude)
    text.put(digits: digits, scale: scale)
    return text.count
  }

  /// `magnitude` as digits / 10^scale, if a few decimals do. Below 2^53 both parts are exact doubles, and so is
  /// the rounded quotient's inverse; 15 digits or less name a double uniquely, so no shorter text exists.
  private static func shortDecimal(_ magnitude: Double) -> (digits: UInt64, scale: Int)? {
    var power = 1.0
    for scale in 1...9 {
      power *= 10
      let scaled = (magnitude * power).rounded()
      if scaled >= 1e15 { return nil }
      if scaled / power == magnitude { return (UInt64(scaled), scale) }
    }
    return nil
  }

  /// The shortest digits of any positive number, by way of the standard library's text.
  private static func shortestDigits(_ magnitude: Double) -> (digits: UInt64, scale: Int) {
    var digits: UInt64 = 0
    var scale = 0
    var exponent = 0
    var negative = false
    var (afterPoint, inExponent) = (false, false)
    for byte in magnitude.description.utf8 {
      switch byte {
      case UInt8(ascii: "."): afterPoint = true
      case UInt8(ascii: "e"): inExponent = true
      case UInt8(ascii: "-"): negative = true
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let digit = Int(byte - UInt8(ascii: "0"))
        if inExponent {
          exponent = exponent * 10 + digit
        } else {
          digits = digits * 10 + UInt64(digit)
          if afterPoint { scale += 1 }
        }
      default: break
      }
    }
    scale -= negative ? -exponent : exponent
    while digits > 0, digits % 10 == 0 {
      digits /= 10
      scale -= 1
    }
    return (digits, scale)
  }

  private static func put(_ text: StaticString, to buffer: UnsafeMutableRawBufferPointer, at index: Int)
    -> Int
  {
    for offset in 0..<text.utf8CodeUnitCount { buffer[index + offset] = text.utf8Start[offset] }
    return text.utf8CodeUnitCount
  }

  private struct Output {
    let buffer: UnsafeMutableRawBufferPointer
    var count = 0

    mutating func put(_ byte: UInt8) {
      buffer[count] = byte
      count += 1
    }

    mutating func put(decimal value: UInt64) {
      var value = value
      var length = 1
      var bound: UInt64 = 10
      while length < 20, value >= bound {
        length += 1
        if length < 20 { bound *= 10 }
      }
      var index = count + length
      count = index
      repeat {
        index -= 1
        buffer[index] = UInt8(ascii: "0") + UInt8(value % 10)
        value /= 10
      } while value > 0
    }

    /// Writes digits / 10^scale; the last digit is not zero.
    mutating func put(digits: UInt64, scale: Int) {
      let start = count
      put(decimal: digits)
      let length = count - start
      // Where the point stands, counted from the first digit.
      let point = length - scale
      if point <= -4 || point > length + 15 {
        if length > 1 { insert(UInt8(ascii: "."), 1, at: start + 1) }
        put(UInt8(ascii: "e"))
        put(UInt8(ascii: point > 0 ? "+" : "-"))
        let exponent = UInt64((point - 1).magnitude)
        if exponent < 10 { put(UInt8(ascii: "0")) }
        put(decimal: exponent)
      } else if point <= 0 {
        insert(UInt8(ascii: "0"), 2 - point, at: start)
        buffer[start + 1] = UInt8(ascii: ".")
      } else if point < length {
        insert(UInt8(ascii: "."), 1, at: start + point)
      } else {
        insert(UInt8(ascii: "0"), point - length, at: count)
      }
    }

    private mutating func insert(_ byte: UInt8, _ times: Int, at index: Int) {
      var moved = count
      while moved > index {
        moved -= 1
        buffer[moved + times] = buffer[moved]
      }
      for offset in 0..<times { buffer[index + offset] = byte }
      count += times
    }
  }
}
