/// Numbers by JSON's grammar: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
package enum JSONNumber {
  /// Whether the bytes are a number and nothing else, and its `Double` is finite.
  package static func isFinite(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress, bytes.count > 0 else { return false }
    let (end, problem) = scan(base, 0, bytes.count)
    guard end == bytes.count && problem == nil else { return false }
    // No number of few digits and without an exponent comes near the largest Double.
    if bytes.count < 300 && !bytes.contains(where: { $0 | 0x20 == 0x65 }) { return true }
    return Double(String(decoding: bytes, as: UTF8.self))?.isFinite ?? false
  }

  /// Walks over the number at `start`; the end is where it stops, or where the problem is.
  @inline(__always)
  static func scan(_ base: UnsafeRawPointer, _ start: Int, _ count: Int) -> (end: Int, JSONProblem?) {
    var position = start
    @inline(__always) func isDigit() -> Bool {
      position < count && base.load(fromByteOffset: position, as: UInt8.self) &- 0x30 < 10
    }
    @inline(__always) func current() -> UInt8 {
      position < count ? base.load(fromByteOffset: position, as: UInt8.self) : 0
    }
    if current() == 0x2D { position &+= 1 }
    guard isDigit() else { return (position, .expected(.digit, found: nil)) }
    let isZero = current() == 0x30
    position &+= 1
    if isZero && isDigit() { return (position &- 1, .leadingZero) }
    while isDigit() { position &+= 1 }
    if current() == 0x2E {
      position &+= 1
      guard isDigit() else { return (position, .expected(.digit, found: nil)) }
      while isDigit() { position &+= 1 }
    }
    if current() | 0x20 == 0x65 {
      position &+= 1
      if current() == 0x2B || current() == 0x2D { position &+= 1 }
      guard isDigit() else { return (position, .expected(.digit, found: nil)) }
      while isDigit() { position &+= 1 }
    }
    return (position, nil)
  }
}
