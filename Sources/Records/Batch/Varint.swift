/// Unsigned LEB128: seven bits a byte, lowest first, the top bit set on all but the last.
package enum Varint {
  /// Reads one from `position` on and moves it behind; nil if the bytes end first or it exceeds 64 bits.
  package static func read(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> UInt? {
    var value: UInt = 0
    var shift: UInt = 0
    var index = position
    while index < bytes.count, shift < 64 {
      let byte = UInt(bytes[index])
      index += 1
      if shift == 63 && byte > 1 { return nil }
      value |= (byte & 0x7F) << shift
      if byte < 0x80 {
        position = index
        return value
      }
      shift += 7
    }
    return nil
  }

  static func append(_ value: UInt, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

extension BatchBuffer {
  package mutating func appendVarint(_ value: UInt) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }
}
