import Delivery
import Records
import ZeroMQ

/// A batch in this process: its message, kept for as long as somebody may need it again.
///
/// Retaining is a reference to the message, never a copy of its bytes.
final class HeldBatch {
  let header: MessageHeader
  let message: Message

  /// A batch that came in.
  init(_ message: consuming Message, header: MessageHeader) {
    self.header = header
    self.message = message
  }

  /// A batch made here: behind `MessageHeader.size` bytes of headroom and room for the schema the buffer
  /// holds the records and, where there is one, what ``append(_:to:)`` put behind them.
  init(
    _ header: MessageHeader, schema: [UInt8], buffer: consuming BatchBuffer
  ) throws(ZeroMQError) {
    var buffer = buffer
    precondition(buffer.headroom == MessageHeader.size + schema.count)
    precondition(header.schemaLength == schema.count)
    buffer.withHeadroom { room in
      header.encode(into: room)
      UnsafeMutableRawBufferPointer(rebasing: room[MessageHeader.size...]).copyBytes(from: schema)
    }
    self.header = header
    self.message = try Message(taking: buffer.release())
  }

  /// Bytes of the message.
  var byteCount: Int { message.count }

  /// Appends a line table behind the records and their padding, unless it would say nothing. Returns its
  /// length in bytes.
  static func append(_ table: borrowing LineTableBuilder, to buffer: inout BatchBuffer) -> Int {
    if table.isIdentity { return 0 }
    buffer.appendPadding()
    table.withBytes { buffer.append($0) }
    return table.byteCount
  }

  /// The same for a table that is made already; an empty one says nothing.
  static func append(_ table: [UInt8], to buffer: inout BatchBuffer) -> Int {
    if table.isEmpty { return 0 }
    buffer.appendPadding()
    table.withUnsafeBytes { buffer.append($0) }
    return table.count
  }

  /// The records, valid while this object is.
  var view: BatchView {
    let bytes = message.bytes
    func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(rebasing: bytes[range])
    }
    return BatchView(
      format: header.format, framing: header.framing, recordCount: Int(header.recordCount),
      schema: slice(header.schemaRange), payload: slice(header.payloadRange),
      provenance: header.provenance, originStage: header.fileStage,
      lineTable: slice(header.lineTableRange))
  }
}

/// The batches that the delivery machines know by number.
struct ContentStore {
  private var batches: [HeldBatch?] = []
  private var free: [UInt32] = []

  mutating func hold(_ batch: HeldBatch) -> Content {
    if let index = free.popLast() {
      batches[Int(index)] = batch
      return Content(rawValue: index)
    }
    batches.append(batch)
    return Content(rawValue: UInt32(batches.count - 1))
  }

  subscript(content: Content) -> HeldBatch {
    guard let batch = batches[Int(content.rawValue)] else {
      preconditionFailure("content \(content.rawValue) was released")
    }
    return batch
  }

  mutating func release(_ content: Content) {
    precondition(batches[Int(content.rawValue)] != nil, "content \(content.rawValue) was released twice")
    batches[Int(content.rawValue)] = nil
    free.append(content.rawValue)
  }
}
