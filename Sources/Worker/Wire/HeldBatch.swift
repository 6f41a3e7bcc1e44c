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

  /// A batch made here: the records lie in the buffer behind `MessageHeader.size` bytes of headroom and
  /// the schema's bytes. The header's lengths are filled in.
  init(
    _ header: MessageHeader, schema: [UInt8], records buffer: consuming BatchBuffer,
    lineTable: borrowing LineTableBuilder? = nil
  ) throws(ZeroMQError) {
    var header = header
    var buffer = buffer
    header.schemaLength = UInt32(schema.count)
    header.payloadLength = UInt64(buffer.count)
    precondition(buffer.headroom == MessageHeader.size + schema.count)
    if let table = lineTable, !table.isIdentity {
      header.lineTableLength = UInt32(table.byteCount)
      withUnsafeTemporaryAllocation(byteCount: BatchBuffer.padding, alignment: 8) { zeros in
        zeros.initializeMemory(as: UInt8.self, repeating: 0)
        buffer.append(UnsafeRawBufferPointer(zeros))
      }
      table.withBytes { buffer.append($0) }
    }
    buffer.withHeadroom { room in
      header.encode(into: room)
      UnsafeMutableRawBufferPointer(rebasing: room[MessageHeader.size...]).copyBytes(from: schema)
    }
    self.header = header
    self.message = try Message(taking: buffer.release())
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
      provenance: header.provenance, originStage: header.id.origin.stage,
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
