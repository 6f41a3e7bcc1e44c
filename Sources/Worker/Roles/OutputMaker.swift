import Coordination
import Delivery
import PipelineFile
import Records
import Stages

/// Makes of a batch what each of the stages below must get: the whole, a part of it, or a stand-in without
/// records, and the dead letters.
final class OutputMaker {
  private let links: Links
  private let needs: (whole: Bool, empty: Bool, keyed: [UInt16])
  /// One for each keyed stage below.
  private let partitioners: [Partitioner]

  init(_ links: Links) throws(StageFailure) {
    self.links = links
    let plan = links.plan
    needs = links.topology.needs(of: links.worker.slot.stage)
    var made: [Partitioner] = []
    for stage in needs.keyed {
      let receiver = plan.stages[Int(stage)]
      made.append(
        try Partitioner(key: receiver.key!, parts: receiver.workers, plan: plan))
    }
    partitioners = made
  }

  /// `header` describes the batch in `buffer`. Returns the bytes, too, that are held for it.
  func make(
    _ header: MessageHeader, schema: [UInt8], buffer: consuming BatchBuffer
  ) throws -> (output: Output, bytes: Int) {
    try make(HeldBatch(header, schema: schema, buffer: buffer), schema: schema)
  }

  /// The same of a batch that is made already.
  func make(_ whole: HeldBatch, schema: [UInt8]) throws -> (output: Output, bytes: Int) {
    let header = whole.header
    links.taps.output(whole.view)
    var output = Output()
    var bytes = whole.byteCount
    if needs.empty { output.empty = try hold(empty(header, schema: schema)) }
    for partitioner in partitioners {
      try partitioner.split(whole.view, headroom: MessageHeader.size)
      for part in partitioner.parts {
        var partHeader = header
        var records = part.takeBuffer()
        partHeader.recordCount = UInt32(part.recordCount)
        partHeader.payloadLength = UInt64(records.count)
        partHeader.lineTableLength = UInt32(HeldBatch.append(part.lines, to: &records))
        let held = try HeldBatch(partHeader, schema: schema, buffer: records)
        bytes += held.byteCount
        output.parts.append(links.contents.hold(held))
      }
    }
    if needs.whole { output.whole = links.contents.hold(whole) }
    return (output, bytes)
  }

  /// A batch of letters, which have the form of the batch that `input` describes.
  func hold(_ letters: [Letter], of input: MessageHeader, schema: [UInt8]) throws -> Content {
    var writer = LetterWriter(headroom: MessageHeader.size + schema.count)
    for letter in letters { writer.append(letter) }
    return try hold(writer.finish(), count: letters.count, of: input, schema: schema)
  }

  /// The same of letters that are encoded already, behind room for a header and the schema.
  func hold(
    _ letters: consuming BatchBuffer, count: Int, of input: MessageHeader, schema: [UInt8]
  ) throws -> Content {
    var header = input
    header.sender = links.worker
    header.recordCount = UInt32(count)
    header.schemaLength = UInt32(schema.count)
    header.lineTableLength = 0
    header.payloadLength = UInt64(letters.count)
    return links.contents.hold(try HeldBatch(header, schema: schema, buffer: letters))
  }

  private func empty(_ header: MessageHeader, schema: [UInt8]) throws -> HeldBatch {
    var header = header
    header.recordCount = 0
    header.payloadLength = 0
    header.lineTableLength = 0
    return try HeldBatch(
      header, schema: schema, buffer: BatchBuffer(headroom: MessageHeader.size + schema.count, capacity: 0))
  }

  private func hold(_ batch: HeldBatch) -> Content { links.contents.hold(batch) }
}
