import Delivery
import Records
import TestSupport
import Testing
import Worker

struct MessageHeaderTests {
  private static func data() -> MessageHeader {
    var header = MessageHeader(
      kind: .data, run: 0x0123_4567_89AB_CDEF,
      sender: Incarnation(slot: SlotID(stage: 3, index: 2), epoch: 7),
      id: BatchID(
        origin: SlotID(stage: 1, index: 9), sequence: 1 << 40, branch: Branch(rawValue: .max - 1)))
    header.format = .csv
    header.framing = .csv
    header.recordCount = 1_234
    header.fileStage = 6
    header.lowWater = 77
    header.provenance = Provenance(file: 4, offset: 1 << 33, line: 1 << 34)
    header.schemaLength = 11
    header.lineTableLength = 5
    header.payloadLength = 23
    return header
  }

  /// A whole message with this header, everything behind it zero.
  private static func message(_ header: MessageHeader, shift: Int = 0) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: shift + 128 + 11 + 23 + 64 + 5)
    bytes.withUnsafeMutableBytes {
      header.encode(into: UnsafeMutableRawBufferPointer(rebasing: $0[shift...]))
    }
    return bytes
  }

  private static func decode(_ bytes: [UInt8], from start: Int = 0) throws -> MessageHeader {
    try bytes.withUnsafeBytes { memory in
      try MessageHeader(decoding: UnsafeRawBufferPointer(rebasing: memory[start...]))
    }
  }

  @Test(arguments: 0..<9) func `a header comes back at any alignment`(_ shift: Int) throws {
    let header = Self.data()
    #expect(try Self.decode(Self.message(header, shift: shift), from: shift) == header)
  }

  @Test func `the ranges follow each other, with the padding behind the records`() {
    let header = Self.data()
    #expect(header.schemaRange == 128..<139)
    #expect(header.payloadRange == 139..<162)
    #expect(header.lineTableRange == 226..<231)
  }

  @Test func `a reserved byte is zero on the wire, and the stage that read the files is told`() {
    let bytes = Self.message(Self.data())
    #expect(bytes[96..<128].allSatisfy { $0 == 0 })
    #expect(bytes[7] == 0 && bytes[10] == 6 && bytes[11] == 0)
    #expect(Array(bytes[..<4]) == Array("PRC\u{1}".utf8))
  }

  @Test(arguments: [MessageHeader.Kind.taken, .done])
  func `an answer needs no padding`(_ kind: MessageHeader.Kind) throws {
    var header = MessageHeader(
      kind: kind, run: 1, sender: Incarnation(slot: SlotID(stage: 0, index: 0), epoch: 1),
      id: BatchID(origin: SlotID(stage: 0, index: 0), sequence: 1, branch: .root))
    header.payloadLength = 23 + 11 + 64 + 5
    let bytes = Self.message(header)
    #expect(try Self.decode(bytes) == header)
    #expect(throws: WireError.truncated(bytes: bytes.count - 1)) { try Self.decode(bytes.dropLast()) }
  }

  @Test func `a message that is cut anywhere is refused`() {
    let bytes = Self.message(Self.data())
    for length in 0..<bytes.count {
      #expect(throws: WireError.truncated(bytes: length)) { try Self.decode(Array(bytes[..<length])) }
    }
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    var offset: Int
    var bytes: [UInt8]
    var error: WireError
    var testDescription: String { "\(bytes) at \(offset)" }
  }

  @Test(arguments: [
    Damage(offset: 0, bytes: [0x51], error: .foreign(magic: 0x0143_5251)),
    Damage(offset: 3, bytes: [2], error: .foreign(magic: 0x0243_5250)),
    Damage(offset: 4, bytes: [0], error: .foreign(magic: MessageHeader.magic)),
    Damage(offset: 7, bytes: [4], error: .unknownFlags(4)),
    Damage(offset: 6, bytes: [0], error: .unknownKind(0)),
    Damage(offset: 6, bytes: [4], error: .unknownKind(4)),
    Damage(offset: 8, bytes: [9], error: .unknownFormat(framing: 9, format: 2)),
    Damage(offset: 9, bytes: [0], error: .unknownFormat(framing: 2, format: 0)),
    Damage(offset: 36, bytes: [12], error: .truncated(bytes: 231)),
    Damage(offset: 68, bytes: [6], error: .truncated(bytes: 231)),
    Damage(offset: 88, bytes: [24], error: .truncated(bytes: 231)),
    // Lengths whose sum wraps around.
    Damage(offset: 88, bytes: Array(repeating: 0xFF, count: 8), error: .truncated(bytes: 231)),
    Damage(offset: 36, bytes: Array(repeating: 0xFF, count: 4), error: .truncated(bytes: 231)),
  ])
  func `a damaged header says what is wrong`(_ damage: Damage) {
    var bytes = Self.message(Self.data())
    bytes.replaceSubrange(damage.offset..<damage.offset + damage.bytes.count, with: damage.bytes)
    #expect(throws: damage.error) { try Self.decode(bytes) }
    #expect(!damage.error.description.isEmpty)
  }

  @Test func `an answer whose tally would lie behind the message is refused`() {
    var bytes = Self.message(Self.data())
    bytes[6] = MessageHeader.Kind.done.rawValue
    bytes[36] = 200
    #expect(throws: WireError.truncated(bytes: 231)) { try Self.decode(bytes) }
  }

  @Test func `random damage never leads behind the message`() {
    for seed in UInt64(0)..<200_000 {
      var random = SeededRandom(seed)
      var bytes = Self.message(Self.data())
      for _ in 0..<1 + random.below(4) {
        bytes[random.below(100)] = UInt8(truncatingIfNeeded: random.next())
      }
      guard let header = try? Self.decode(bytes) else { continue }
      let end = header.kind == .data ? header.lineTableRange.upperBound : header.payloadRange.upperBound
      if end > bytes.count {
        Issue.record("seed \(seed): the parts end at \(end) of \(bytes.count)")
        return
      }
    }
  }
}
