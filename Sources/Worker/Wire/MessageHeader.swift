import Delivery
import Records

/// The fixed header that opens every message between workers.
///
/// A message is one ZeroMQ frame (libzmq drops the rest of a multipart message silently when the peer dies):
///
///     header | schema | records | 64 bytes of zeros | line table
///
/// Only data has the parts after the header; a `done` carries its tally as the records. All integers are
/// little-endian and read with unaligned loads. The message is immutable: the branch is the one *before*
/// the edge, so that every receiver of a fan-out shares one content and derives its own.
package struct MessageHeader: Hashable, Sendable {
  package enum Kind: UInt8, Sendable { case data = 1, taken = 2, done = 3 }

  /// Bytes of an encoded header.
  package static let size = 128
  /// "PRC" and the version of this layout.
  package static let magic: UInt32 = 0x01_43_52_50

  package var kind: Kind
  package var framing: Framing = .newline
  package var format: RecordFormat = .json
  package var recordCount: UInt32 = 0
  /// The same for all workers of a run; a message of another run is an error.
  package var run: UInt64
  package var sender: Incarnation
  package var id: BatchID
  /// The origin's low-water mark as the origin knew it: may be stale.
  package var lowWater: UInt64 = 0
  package var provenance = Provenance()
  /// The stage that read the records, whose list of files the provenance is about: the origin, unless that is a
  /// stage with state.
  package var fileStage: UInt16
  package var schemaLength: UInt32 = 0
  package var lineTableLength: UInt32 = 0
  package var payloadLength: UInt64 = 0

  package init(kind: Kind, run: UInt64, sender: Incarnation, id: BatchID) {
    self.kind = kind
    self.run = run
    self.sender = sender
    self.id = id
    fileStage = id.origin.stage
  }

  package func encode(into bytes: UnsafeMutableRawBufferPointer) {
    precondition(bytes.count >= Self.size)
    bytes.baseAddress!.initializeMemory(as: UInt8.self, repeating: 0, count: Self.size)
    func store<T: FixedWidthInteger>(_ value: T, at offset: Int) {
      bytes.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
    }
    store(Self.magic, at: 0)
    store(UInt16(Self.size), at: 4)
    store(kind.rawValue, at: 6)
    store(framing.rawValue, at: 8)
    store(format.rawValue, at: 9)
    store(fileStage, at: 10)
    store(recordCount, at: 12)
    store(run, at: 16)
    store(sender.slot.stage, at: 24)
    store(sender.slot.index, at: 26)
    store(sender.epoch, at: 28)
    store(id.origin.stage, at: 32)
    store(id.origin.index, at: 34)
    store(schemaLength, at: 36)
    store(id.sequence, at: 40)
    store(id.branch.rawValue, at: 48)
    store(lowWater, at: 56)
    store(provenance.file, at: 64)
    store(lineTableLength, at: 68)
    store(provenance.offset, at: 72)
    store(provenance.line, at: 80)
    store(payloadLength, at: 88)
  }

  /// Reads a header and checks it against the length of its message.
  package init(decoding bytes: UnsafeRawBufferPointer) throws(WireError) {
    guard bytes.count >= Self.size else { throw .truncated(bytes: bytes.count) }
    func load<T: FixedWidthInteger>(_ offset: Int, as type: T.Type = T.self) -> T {
      T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }
    let magic: UInt32 = load(0)
    guard magic == Self.magic, load(4, as: UInt16.self) == UInt16(Self.size) else {
      throw .foreign(magic: magic)
    }
    let flags: UInt8 = load(7)
    guard flags == 0 else { throw .unknownFlags(flags) }
    guard let kind = Kind(rawValue: load(6)) else { throw .unknownKind(load(6)) }
    self.init(
      kind: kind, run: load(16),
      sender: Incarnation(slot: SlotID(stage: load(24), index: load(26)), epoch: load(28)),
      id: BatchID(
        origin: SlotID(stage: load(32), index: load(34)), sequence: load(40),
        branch: Branch(rawValue: load(48))))
    guard let framing = Framing(rawValue: load(8)), let format = RecordFormat(rawValue: load(9))
    else { throw kind == .data ? .unknownFormat(framing: load(8), format: load(9)) : .unknownKind(load(6)) }
    self.framing = framing
    self.format = format
    recordCount = load(12)
    fileStage = load(10)
    lowWater = load(56)
    provenance = Provenance(file: load(64), offset: load(72), line: load(80))
    schemaLength = load(36)
    lineTableLength = load(68)
    payloadLength = load(88)
    // What is left after the 32-bit lengths is compared, because the sum of all may not fit 64 bits.
    guard UInt64(bytes.count) >= lengthAroundPayload,
      payloadLength <= UInt64(bytes.count) - lengthAroundPayload
    else { throw .truncated(bytes: bytes.count) }
  }

  private var lengthAroundPayload: UInt64 {
    let front = UInt64(Self.size) + UInt64(schemaLength)
    switch kind {
    case .taken, .done: return front
    case .data: return front + UInt64(BatchBuffer.padding) + UInt64(lineTableLength)
    }
  }

  package var schemaRange: Range<Int> { Self.size..<Self.size + Int(schemaLength) }

  package var payloadRange: Range<Int> {
    schemaRange.upperBound..<schemaRange.upperBound + Int(payloadLength)
  }

  package var lineTableRange: Range<Int> {
    let start = payloadRange.upperBound + BatchBuffer.padding
    return start..<start + Int(lineTableLength)
  }
}

/// Bytes on an inbox that are not a message of this run and version.
package enum WireError: Error, Hashable, Sendable, CustomStringConvertible {
  case truncated(bytes: Int)
  case foreign(magic: UInt32)
  case unknownFlags(UInt8)
  case unknownKind(UInt8)
  case unknownFormat(framing: UInt8, format: UInt8)
  case otherRun(UInt64)
  case badTally(String)

  package var description: String {
    switch self {
    case .truncated(let bytes): "a message of \(bytes) bytes is shorter than its header says"
    case .foreign(let magic):
      "a message begins with 0x\(String(magic, radix: 16)): it does not come from this version of procession"
    case .unknownFlags(let flags): "a message has flags 0b\(String(flags, radix: 2)) that are not known"
    case .unknownKind(let kind): "a message is of kind \(kind), which is not known"
    case .unknownFormat(let framing, let format):
      "a batch has framing \(framing) and format \(format), which are not known"
    case .otherRun(let run): "a message belongs to run \(String(run, radix: 16)), not to this one"
    case .badTally(let text): "the tally of a done message: \(text)"
    }
  }
}
