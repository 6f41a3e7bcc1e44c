/// Bytes that are being written, and the places where other parts go in between.
///
/// A nested container may be written to long after its parent went on, so it gets a part of its own; the parts are
/// joined at the end. What is encoded in one go shares the part of its parent.
final class EncodingPart {
  private(set) var bytes: [UInt8] = []
  private var inserts: [(offset: Int, encoder: ValueEncoder)] = []

  func append(_ byte: UInt8) { bytes.append(byte) }

  /// Seven bits a byte, the low ones first; the high bit says that more follow.
  func writeCount(_ count: UInt64) {
    var rest = count
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  func write(_ value: Int64) {
    if value >= 0 && value < 0x80 {
      bytes.append(ValueTag.smallest | UInt8(truncatingIfNeeded: value))
    } else {
      bytes.append(ValueTag.integer)
      writeCount(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }
  }

  func write(_ value: UInt64) {
    if let signed = Int64(exactly: value) { return write(signed) }
    bytes.append(ValueTag.unsigned)
    writeRaw(value)
  }

  func write(_ value: Double) {
    bytes.append(ValueTag.double)
    writeRaw(value.bitPattern)
  }

  func write(_ value: Float) {
    bytes.append(ValueTag.float)
    writeRaw(value.bitPattern)
  }

  func write(_ value: String) {
    bytes.append(ValueTag.string)
    writeText(value)
  }

  func write(_ values: [String]) {
    bytes.append(ValueTag.unkeyed)
    for value in values { write(value) }
    bytes.append(ValueTag.end)
  }

  func write(_ kind: PackedKind, tag: UInt8 = ValueTag.packed, _ elements: UnsafeRawBufferPointer) {
    bytes.append(tag)
    bytes.append(kind.rawValue)
    writeCount(UInt64(elements.count / kind.size))
    bytes.append(contentsOf: elements)
  }

  /// A length and UTF-8, without a tag.
  func writeText(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in
      writeCount(UInt64(utf8.count))
      bytes.append(contentsOf: utf8)
    }
  }

  func writeRaw(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// What that encoder will have written goes here.
  func insert(_ encoder: ValueEncoder) { inserts.append((bytes.count, encoder)) }

  /// Appends all, with the parts in their places.
  func join(into whole: inout [UInt8]) {
    if inserts.isEmpty && whole.isEmpty {
      whole = bytes
      return
    }
    var start = 0
    for (offset, encoder) in inserts {
      whole.append(contentsOf: bytes[start..<offset])
      encoder.close()
      encoder.part.join(into: &whole)
      start = offset
    }
    whole.append(contentsOf: bytes[start...])
  }
}

/// The keys of one message, each written once.
final class EncodingKeys {
  private(set) var names: [String] = []
  private var numbers: [String: Int] = [:]
  /// The key that came after this one the last time: values of one type have their keys in one order.
  private var successors: [Int] = []
  private var last = -1

  /// The key's number.
  func number(of name: String) -> Int {
    if last >= 0 {
      let guess = successors[last]
      if guess >= 0 && names[guess] == name {
        last = guess
        return guess
      }
    }
    let number: Int
    if let known = numbers[name] {
      number = known
    } else {
      number = names.count
      names.append(name)
      numbers[name] = number
      successors.append(-1)
    }
    if last >= 0 { successors[last] = number }
    last = number
    return number
  }
}
