/// What a sink's new incarnation must know of the one before: how much of its output counts.
package struct SinkState: Hashable, Sendable {
  /// Bytes of the output that are committed.
  package var length: UInt64
  /// Of those, the bytes that were there before the run (`existing: append`).
  package var base: UInt64
  package var records: UInt64
  package var hasWrittenHeader: Bool
  /// Columns of a CSV output, once known.
  package var columns: [String]?

  package init(
    length: UInt64 = 0, base: UInt64 = 0, records: UInt64 = 0, hasWrittenHeader: Bool = false,
    columns: [String]? = nil
  ) {
    self.length = length
    self.base = base
    self.records = records
    self.hasWrittenHeader = hasWrittenHeader
    self.columns = columns
  }

  /// Three 64-bit little-endian numbers, a flag, a count of columns plus one (0: not known), then each name
  /// behind its 32-bit length.
  package func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    func append<T: FixedWidthInteger>(_ value: T) {
      withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    append(length)
    append(base)
    append(records)
    append(UInt8(hasWrittenHeader ? 1 : 0))
    append(UInt32(columns.map { $0.count + 1 } ?? 0))
    for column in columns ?? [] {
      append(UInt32(column.utf8.count))
      bytes.append(contentsOf: column.utf8)
    }
    return bytes
  }

  /// Nil for bytes that ``encoded()`` did not make.
  package init?(_ bytes: [UInt8]) {
    var position = 0
    func read<T: FixedWidthInteger>(_ type: T.Type = T.self) -> T? {
      guard bytes.count - position >= MemoryLayout<T>.size else { return nil }
      defer { position += MemoryLayout<T>.size }
      return bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: T.self)) }
    }
    guard let length: UInt64 = read(), let base: UInt64 = read(), let records: UInt64 = read(),
      let flag: UInt8 = read(), let count: UInt32 = read()
    else { return nil }
    self.init(length: length, base: base, records: records, hasWrittenHeader: flag == 1)
    var names: [String] = []
    for _ in 1..<max(count, 1) {
      guard let size: UInt32 = read(), bytes.count - position >= Int(size) else { return nil }
      names.append(String(decoding: bytes[position..<position + Int(size)], as: UTF8.self))
      position += Int(size)
    }
    guard position == bytes.count && flag <= 1 else { return nil }
    if count > 0 { columns = names }
  }
}
