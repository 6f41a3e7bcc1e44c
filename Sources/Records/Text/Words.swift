/// Finds bytes in words of eight, without vector instructions' entry cost: most cells and keys are short.
///
/// Each function gives a word with the top bit of a byte set where it matches. Borrows may set bits above the
/// first match, so only the lowest set bit counts, and words are little-endian: the first byte is the lowest.
/// After "Determine if a word has a byte equal to n" of Sean Anderson's Bit Twiddling Hacks.
enum Words {
  static let ones: UInt64 = 0x0101_0101_0101_0101
  static let tops: UInt64 = 0x8080_8080_8080_8080

  @inline(__always)
  static func load(_ pointer: UnsafeRawPointer) -> UInt64 {
    UInt64(littleEndian: pointer.loadUnaligned(as: UInt64.self))
  }

  @inline(__always)
  static func store(_ word: UInt64, _ pointer: UnsafeMutableRawPointer) {
    pointer.storeBytes(of: word.littleEndian, as: UInt64.self)
  }

  @inline(__always)
  static func repeating(_ byte: UInt8) -> UInt64 { UInt64(byte) &* ones }

  /// Bytes equal to the byte that `pattern` repeats.
  @inline(__always)
  static func equal(_ word: UInt64, _ pattern: UInt64) -> UInt64 {
    let zeros = word ^ pattern
    return (zeros &- ones) & ~zeros & tops
  }

  /// Bytes below a space: LF, CR, NUL and the rest of what JSON strings must escape.
  @inline(__always)
  static func controls(_ word: UInt64) -> UInt64 {
    (word &- 0x2020_2020_2020_2020) & ~word & tops
  }

  /// Bytes that are no decimal digit; exact in each byte.
  @inline(__always)
  static func nonDigits(_ word: UInt64) -> UInt64 {
    let digits = word ^ 0x3030_3030_3030_3030
    return (((digits & ~tops) &+ 0x7676_7676_7676_7676) | digits) & tops
  }

  /// Index of the first matching byte, 8 if none matches.
  @inline(__always)
  static func first(_ matches: UInt64) -> Int { matches.trailingZeroBitCount &>> 3 }
}
