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
  /// Where an output of several parts stands; nil for one file. `length` is that of the part in hand then.
  package var parts: Parts?

  /// A part that is whole and durable.
  package struct ClosedPart: Hashable, Sendable {
    package var number: UInt32
    package var length: UInt64

    package init(number: UInt32, length: UInt64) {
      self.number = number
      self.length = length
    }
  }

  package struct Parts: Hashable, Sendable {
    /// The number of the part in hand, or of the next one.
    package var number: UInt32
    /// The number of the run's first part.
    package var first: UInt32
    /// Bytes of the run's parts before the one in hand.
    package var closedBytes: UInt64
    /// When the part in hand got its first record, in nanoseconds since 1970; 0 where it has none.
    package var began: UInt64
    /// Parts that may not have their final names yet.
    package var closed: [ClosedPart]

    package init(
      number: UInt32 = 1, first: UInt32 = 1, closedBytes: UInt64 = 0, began: UInt64 = 0,
      closed: [ClosedPart] = []
    ) {
      self.number = number
      self.first = first
      self.closedBytes = closedBytes
      self.began = began
      self.closed = closed
    }

    /// Whether no part was begun in this run.
    var isUntouched: Bool { number == first && began == 0 }
  }

  package init(
    length: UInt64 = 0, base: UInt64 = 0, records: UInt64 = 0, hasWrittenHeader: Bool = false,
    columns: [String]? = nil, parts: Parts? = nil
  ) {
    self.length = length
    self.base = base
    self.records = records
    self.hasWrittenHeader = hasWrittenHeader
    self.columns = columns
    self.parts = parts
  }

  /// Three 64-bit little-endian numbers, a flag, a count of columns plus one (0: not known), then each name
  /// behind its 32-bit length; then a flag for parts and, where it is set, their number, the first one's (32 bit),
  /// closed bytes, begin (64), and the count of closed parts (32) before number and length of each.
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
    append(UInt8(parts == nil ? 0 : 1))
    if let parts {
      append(parts.number)
      append(parts.first)
      append(parts.closedBytes)
      append(parts.began)
      append(UInt32(parts.closed.count))
      for part in parts.closed {
        append(part.number)
        append(part.length)
      }
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
    if count > 0 { columns = names }
    guard flag <= 1, let hasParts: UInt8 = read(), hasParts <= 1 else { return nil }
    if hasParts == 1 {
      guard let number: UInt32 = read(), let first: UInt32 = read(), let closedBytes: UInt64 = read(),
        let began: UInt64 = read(), let closedCount: UInt32 = read()
      else { return nil }
      var parts = Parts(number: number, first: first, closedBytes: closedBytes, began: began)
      for _ in 0..<closedCount {
        guard let number: UInt32 = read(), let length: UInt64 = read() else { return nil }
        parts.closed.append(ClosedPart(number: number, length: length))
      }
      self.parts = parts
    }
    guard position == bytes.count else { return nil }
  }
}
