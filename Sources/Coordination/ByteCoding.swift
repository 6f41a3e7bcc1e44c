/// Appends little-endian integers and length-prefixed bytes.
package struct ByteWriter: Sendable {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func write<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// A 32-bit length, then the bytes.
  package mutating func write(_ value: [UInt8]) {
    write(UInt32(value.count))
    bytes.append(contentsOf: value)
  }

  package mutating func write(_ text: String) { write(Array(text.utf8)) }
}

/// Bytes that end too early, or hold what this version does not know.
package struct ByteCodingError: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) { self.description = description }
}

/// Reads back what ``ByteWriter`` wrote.
package struct ByteReader: Sendable {
  private let bytes: [UInt8]
  private var position = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package var isAtEnd: Bool { position == bytes.count }

  package mutating func read<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(ByteCodingError) -> T {
    let size = MemoryLayout<T>.size
    guard bytes.count - position >= size else {
      throw ByteCodingError("\(size) bytes were expected at \(position) of \(bytes.count)")
    }
    var value: T = 0
    for index in 0..<size { value |= T(truncatingIfNeeded: bytes[position + index]) << (8 * index) }
    position += size
    return value
  }

  package mutating func readBytes() throws(ByteCodingError) -> [UInt8] {
    let count = Int(try read(UInt32.self))
    guard bytes.count - position >= count else {
      throw ByteCodingError("\(count) bytes were expected at \(position) of \(bytes.count)")
    }
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  package mutating func readText() throws(ByteCodingError) -> String {
    String(decoding: try readBytes(), as: UTF8.self)
  }
}
