/// Writes the few fixed shapes that parent, child and fork server exchange: little-endian, length-prefixed.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ value: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  mutating func write(_ value: Int32) { write(UInt64(bitPattern: Int64(value))) }

  mutating func write(_ value: Bool) { write(value ? UInt64(1) : 0) }

  mutating func write(_ value: [UInt8]) {
    write(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  mutating func write(_ value: String) { write(Array(value.utf8)) }
}

/// Reads what `WireWriter` wrote, in the same order. Nil where the bytes end too early.
struct WireReader {
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func word() -> UInt64? {
    guard bytes.count - place >= 8 else { return nil }
    defer { place += 8 }
    return (0..<8).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
  }

  mutating func integer() -> Int32? { word().flatMap { Int32(exactly: Int64(bitPattern: $0)) } }

  mutating func flag() -> Bool? { word().map { $0 != 0 } }

  mutating func bytesField() -> [UInt8]? {
    guard let count = word(), count <= UInt64(bytes.count - place) else { return nil }
    defer { place += Int(count) }
    return Array(bytes[place..<(place + Int(count))])
  }

  mutating func text() -> String? { bytesField().map { String(decoding: $0, as: UTF8.self) } }
}
