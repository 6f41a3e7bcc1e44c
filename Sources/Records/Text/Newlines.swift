#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Finding and counting LF bytes at the speed of memory.
package enum Newlines {
  /// How many LFs the bytes hold.
  package static func count(in bytes: UnsafeRawBufferPointer) -> Int {
    guard let base = bytes.baseAddress else { return 0 }
    return count(base, bytes.count)
  }

  static func count(_ base: UnsafeRawPointer, _ length: Int) -> Int {
    var total = 0
    var index = 0
    let pattern = SIMD32<UInt8>(repeating: 0x0A)
    while length &- index >= 32 {
      // A lane counts to 255 at most before its sum is taken.
      let rounds = min(255, (length &- index) / 32)
      var lanes = SIMD32<UInt8>(repeating: 0)
      for _ in 0..<rounds {
        let mask = base.loadUnaligned(fromByteOffset: index, as: SIMD32<UInt8>.self) .== pattern
        lanes &-= unsafeBitCast(mask, to: SIMD32<UInt8>.self)
        index &+= 32
      }
      total &+= Int(SIMD32<UInt16>(truncatingIfNeeded: lanes).wrappedSum())
    }
    while index < length {
      if base.load(fromByteOffset: index, as: UInt8.self) == 0x0A { total &+= 1 }
      index &+= 1
    }
    return total
  }

  /// Offset of the first LF at or after `start`.
  @inline(__always)
  package static func first(in bytes: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
    Bytes.first(0x0A, in: bytes, from: start)
  }

  /// Offset of the last LF. Walks back from the end: a record's length, as a rule.
  package static func last(in bytes: UnsafeRawBufferPointer) -> Int? {
    var index = bytes.count
    while index > 0 {
      index &-= 1
      if bytes[index] == 0x0A { return index }
    }
    return nil
  }
}

/// Finding single bytes at the speed of memory.
package enum Bytes {
  /// Offset of the first `byte` at or after `start`.
  @inline(__always)
  package static func first(_ byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
    guard let base = bytes.baseAddress, start < bytes.count else { return nil }
    guard let found = memchr(base + start, Int32(byte), bytes.count &- start) else { return nil }
    return UnsafeRawPointer(found) - base
  }

  /// As ``first(_:in:from:)``, for a byte that is probably near: looks at two words before it calls `memchr`.
  @inline(__always)
  static func firstNear(_ byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard let base = bytes.baseAddress, bytes.count &- start >= 16 else {
      return first(byte, in: bytes, from: start)
    }
    let pattern = Words.repeating(byte)
    let near = Words.first(Words.equal(Words.load(base + start), pattern))
    if near < 8 { return start &+ near }
    let next = Words.first(Words.equal(Words.load(base + start + 8), pattern))
    if next < 8 { return start &+ 8 &+ next }
    return first(byte, in: bytes, from: start &+ 16)
  }

  @inline(__always)
  static func equal(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count else { return false }
    guard let left = a.baseAddress, let right = b.baseAddress else { return true }
    return memcmp(left, right, a.count) == 0
  }
}

extension UnsafeRawBufferPointer {
  /// The bytes of a range, unchecked in release builds, without the detour over a slice.
  @inline(__always)
  package func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    assert(range.lowerBound >= 0 && range.upperBound <= count)
    return UnsafeRawBufferPointer(start: baseAddress.map { $0 + range.lowerBound }, count: range.count)
  }
}
