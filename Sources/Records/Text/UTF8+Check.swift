extension UTF8 {
  /// Offset of the first byte that no UTF-8 sequence explains, or nil if all is well-formed.
  ///
  /// Well-formed as in table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing above
  /// U+10FFFF. The offset is that of the faulty sequence's first byte. ASCII goes 32 bytes at a time.
  package static func firstInvalid(in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    let end = bytes.count
    var index = 0
    while index < end {
      while end &- index >= 32 {
        let a = Words.load(base + index) | Words.load(base + index + 8)
        let b = Words.load(base + index + 16) | Words.load(base + index + 24)
        if (a | b) & Words.tops != 0 { break }
        index &+= 32
      }
      // Runs of other scripts are long: stay here until a word of ASCII shows up.
      while index < end {
        if end &- index >= 8, Words.load(base + index) & Words.tops == 0 {
          index &+= 8
          break
        }
        let length = sequenceLength(base, index, end)
        if length == 0 { return index }
        index &+= length
      }
    }
    return nil
  }

  /// Whether the bytes start with a byte order mark, which is no part of the text.
  package static func startsWithBOM(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
  }

  /// Length of the sequence at `index`, 0 if there is no well-formed one.
  @inline(__always)
  private static func sequenceLength(_ base: UnsafeRawPointer, _ index: Int, _ end: Int) -> Int {
    @inline(__always) func byte(_ offset: Int) -> UInt8 {
      index &+ offset < end ? base.load(fromByteOffset: index &+ offset, as: UInt8.self) : 0
    }
    @inline(__always) func continues(_ offset: Int) -> Bool { byte(offset) & 0xC0 == 0x80 }

    let lead = byte(0)
    switch lead {
    case 0..<0x80: return 1
    case 0xC2..<0xE0: return continues(1) ? 2 : 0
    case 0xE0..<0xF0:
      let second = byte(1)
      let low: UInt8 = lead == 0xE0 ? 0xA0 : 0x80
      let high: UInt8 = lead == 0xED ? 0x9F : 0xBF
      return second >= low && second <= high && continues(2) ? 3 : 0
    case 0xF0..<0xF5:
      let second = byte(1)
      let low: UInt8 = lead == 0xF0 ? 0x90 : 0x80
      let high: UInt8 = lead == 0xF4 ? 0x8F : 0xBF
      return second >= low && second <= high && continues(2) && continues(3) ? 4 : 0
    default: return 0
    }
  }
}
