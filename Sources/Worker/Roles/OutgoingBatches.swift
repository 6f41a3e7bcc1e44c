import Delivery
import Records
import Stages

/// The numbered batches of a worker that keeps state: on their way into the store, and from there to the wire.
///
/// Those that were stored by this incarnation are kept in memory as well, up to ``mostHeldBytes``, so that they
/// need not be read again.
final class OutgoingBatches {
  static let mostHeldBytes = 32 << 20

  private struct Held {
    var batch: HeldBatch
    var letters: StoredBatch.Letters?

    var byteCount: Int { batch.byteCount + (letters?.payload.count ?? 0) }
  }

  private let links: Links
  private let store: StateStore
  private let outputs: OutputMaker
  private var held: [UInt64: Held] = [:]
  private var heldBytes = 0
  /// The number of the next batch.
  private(set) var next: UInt64
  /// The low-water mark as it is stored.
  var lowWater: UInt64
  /// Letters that the next batch is to carry.
  private var letters: StoredBatch.Letters?
  private(set) var takenRecords = 0
  private(set) var takenBytes = 0

  init(_ links: Links, _ store: StateStore, next: UInt64, lowWater: UInt64) throws {
    self.links = links
    self.store = store
    self.next = next
    self.lowWater = lowWater
    outputs = try OutputMaker(links)
  }

  /// What follows belongs to one input.
  func begin() {
    takenRecords = 0
    takenBytes = 0
  }

  /// Takes a batch that was cut, under the next number.
  func take(
    _ batch: StateOutput.Batch, _ buffer: inout BatchBuffer, _ lines: inout LineTableBuilder
  ) throws(StageFailure) {
    let carried = letters
    letters = nil
    let hasTable = !lines.isIdentity
    let sequence = next
    try buffer.withPayload { (payload) throws(StageFailure) in
      try lines.withBytes { (table) throws(StageFailure) in
        try store.insert(
          sequence, batch, payload: payload,
          lineTable: hasTable ? table : UnsafeRawBufferPointer(start: nil, count: 0), letters: carried)
      }
    }
    next += 1
    takenRecords += batch.recordCount
    takenBytes += buffer.count
    var header = header(sequence, batch)
    header.payloadLength = UInt64(buffer.count)
    header.lineTableLength = UInt32(HeldBatch.append(lines, to: &buffer))
    guard heldBytes < Self.mostHeldBytes else { return }
    var taken = BatchBuffer(headroom: 0, capacity: 0)
    swap(&taken, &buffer)
    do {
      let entry = Held(batch: try HeldBatch(header, schema: [], buffer: taken), letters: carried)
      held[sequence] = entry
      heldBytes += entry.byteCount
    } catch {
      throw StageFailure("\(error)")
    }
  }

  /// Takes what an input left behind: the rest of the output, and letters with it.
  func finish(_ output: StateOutput, letters: StoredBatch.Letters?) throws(StageFailure) {
    self.letters = letters
    try output.cut()
    guard let rest = self.letters else { return }
    let batch = StateOutput.Batch(recordCount: 0, provenance: rest.provenance, fileStage: rest.fileStage)
    var buffer = BatchBuffer(headroom: MessageHeader.size, capacity: 0)
    var lines = LineTableBuilder()
    try take(batch, &buffer, &lines)
  }

  /// What the stages below get of a batch that may leave, and how many records it has.
  func release(_ sequence: UInt64) throws -> (output: Output, records: Int) {
    let entry: Held
    if let known = held.removeValue(forKey: sequence) {
      heldBytes -= known.byteCount
      entry = known
    } else {
      entry = try read(sequence)
    }
    var (output, _) = try outputs.make(entry.batch, schema: [])
    if let letters = entry.letters {
      var header = entry.batch.header
      header.format = letters.format
      header.framing = letters.framing
      header.provenance = letters.provenance
      header.fileStage = letters.fileStage
      var buffer = BatchBuffer(
        headroom: MessageHeader.size + letters.schema.count, capacity: letters.payload.count)
      letters.payload.withUnsafeBytes { buffer.append($0) }
      output.letters = try outputs.hold(buffer, count: letters.count, of: header, schema: letters.schema)
    }
    return (output, Int(entry.batch.header.recordCount))
  }

  private func read(_ sequence: UInt64) throws -> Held {
    guard let stored = try store.batch(sequence) else {
      throw DeliveryViolation("\(links.plan.name(of: links.worker.slot)) does not have its batch \(sequence)")
    }
    var buffer = BatchBuffer(headroom: MessageHeader.size, capacity: stored.payload.count)
    stored.payload.withUnsafeBytes { buffer.append($0) }
    var header = header(sequence, stored.batch)
    header.payloadLength = UInt64(buffer.count)
    header.lineTableLength = UInt32(HeldBatch.append(stored.lineTable, to: &buffer))
    return Held(batch: try HeldBatch(header, schema: [], buffer: buffer), letters: stored.letters)
  }

  private func header(_ sequence: UInt64, _ batch: StateOutput.Batch) -> MessageHeader {
    var header = MessageHeader(
      kind: .data, run: links.assignment.run, sender: links.worker,
      id: BatchID(origin: links.worker.slot, sequence: sequence, branch: .root))
    header.format = .json
    header.framing = .newline
    header.recordCount = UInt32(batch.recordCount)
    header.lowWater = lowWater
    header.provenance = batch.provenance
    header.fileStage = batch.fileStage
    return header
  }
}
