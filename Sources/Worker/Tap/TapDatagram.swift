import Records

/// What a tapped worker sends its reader: this head, then records as JSON texts, one a line.
///
/// Little-endian: magic (32 bit), version (8), zero (8), length of the slot's name (16), dropped (64), too long
/// (64), count (32), then the name's bytes and the records.
package struct TapDatagram: Hashable, Sendable {
  /// The most bytes of a whole datagram. A record that does not fit in one is not sent but counted: half a JSON
  /// text would be none.
  package static let mostBytes = 64 << 10
  static let magic: UInt32 = 0x5041_5450
  static let version: UInt8 = 1
  static let fixedSize = 28

  /// The worker's slot, as `clean.1`.
  package var slot: String
  /// Records that were meant for this reader and went nowhere since the datagram before: there was no room or
  /// no time.
  package var dropped: UInt64
  /// Those that went nowhere because they are longer than a datagram.
  package var tooLong: UInt64
  /// Records that follow.
  package var count: UInt32

  package init(slot: String, dropped: UInt64, tooLong: UInt64, count: UInt32) {
    self.slot = slot
    self.dropped = dropped
    self.tooLong = tooLong
    self.count = count
  }

  package func encoded() -> [UInt8] {
    let name = slot.utf8.prefix(Int(UInt16.max))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.fixedSize + name.count)
    func append<T: FixedWidthInteger>(_ value: T) {
      withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    append(Self.magic)
    append(Self.version)
    append(UInt8(0))
    append(UInt16(name.count))
    append(dropped)
    append(tooLong)
    append(count)
    bytes.append(contentsOf: name)
    return bytes
  }

  /// What is wrong with bytes that are no datagram.
  package enum Problem: Error, Hashable, Sendable {
    /// Not from a worker at all, or cut.
    case damaged
    /// From a run of another version of the program.
    case otherVersion(UInt8)
  }

  /// The head of a whole datagram, and where its records begin.
  package static func decode(
    _ bytes: UnsafeRawBufferPointer
  ) throws(Problem) -> (head: TapDatagram, records: Int) {
    func number<T: FixedWidthInteger>(_ offset: Int, _ type: T.Type) -> T {
      T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }
    guard bytes.count >= fixedSize, number(0, UInt32.self) == magic else { throw .damaged }
    guard bytes[4] == version else { throw .otherVersion(bytes[4]) }
    let start = fixedSize + Int(number(6, UInt16.self))
    guard bytes.count >= start else { throw .damaged }
    let head = TapDatagram(
      slot: String(decoding: bytes[fixedSize..<start], as: UTF8.self), dropped: number(8, UInt64.self),
      tooLong: number(16, UInt64.self), count: number(24, UInt32.self))
    return (head, start)
  }
}
