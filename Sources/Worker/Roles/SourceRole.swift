import Coordination
import Delivery
import POSIXKit
import PipelineFile
import Records
import Stages

/// A source's worker: cuts batches as the window allows and keeps the low-water mark.
final class SourceRole: WorkerRole {
  /// The most bytes in flight.
  static let windowBytes = 64 << 20

  private let links: Links
  private let source: any StageSource
  private var machine: OriginStateMachine<InputMark>
  private var mark: InputMark
  private var checkpoint: CheckpointFile
  private var storedLow: UInt64
  /// Where an earlier incarnation said that the input ends.
  private var announcedLast: UInt64?
  /// Where an earlier incarnation ended is told before the first peer: until then nothing may be cut, or this
  /// one could get beyond that end.
  private var hasPeer = false
  private var draining = Draining.no
  private var hasReported = false
  private var errors: RecordErrors
  private let outputs: OutputMaker

  init(links: Links, source: any StageSource, checkpoint: consuming CheckpointFile) throws {
    var checkpoint = checkpoint
    let position = try checkpoint.load().map(Self.decode)
    if !source.canRepeat && links.worker.epoch > 1 {
      throw StageFailure(
        "\(links.plan.name(of: links.worker.slot)) died, and its input can be read only once: "
          + "give it as a file, so that it can be read again")
    }
    self.links = links
    self.source = source
    self.checkpoint = checkpoint
    errors = links.makeErrors()
    outputs = try OutputMaker(links)
    let start = position ?? .init(low: 1, mark: InputMark(), tally: Tally())
    mark = start.mark
    storedLow = start.low
    machine = OriginStateMachine(
      slot: links.worker.slot, topology: links.plan.topology, windowBytes: Self.windowBytes,
      resumingAt: start)
    links.page[.inputSize] = source.totalBytes ?? 0
    links.page[.inputDone] = source.bytes(before: mark)
    links.page[.lowWater] = storedLow
    if links.page[.firstLowWater] == 0 { links.page[.firstLowWater] = storedLow }
  }

  func peerCameUp(_ peer: Incarnation) throws {
    hasPeer = true
    try links.perform(machine.peerCameUp(peer))
  }

  func peerWentDown(_ peer: Incarnation) throws { try links.perform(machine.peerWentDown(peer)) }

  func batchArrived(_ batch: HeldBatch, id: BatchID) throws { throw unexpected("data", links.worker) }

  func takenArrived(_ id: BatchID, from peer: Incarnation) throws {
    try links.perform(machine.takenArrived(id, from: peer))
  }

  func doneArrived(_ id: BatchID, tally: Tally) throws {
    try links.perform(machine.doneArrived(id, tally: tally))
  }

  /// The supervisor repeats to a new incarnation what an earlier one announced.
  func originEnded(_ origin: SlotID, last: UInt64) throws { announcedLast = last }

  func flush() throws { throw unexpected("a flush order", links.worker) }

  /// Stops cutting until it is told how far the others have come.
  func drain() throws {
    guard case .no = draining else { return }
    draining = .paused
    links.report(.paused(last: machine.next - 1))
  }

  func drain(upTo last: UInt64) throws { draining = .upTo(last) }

  private enum Draining { case no, paused, upTo(UInt64), stopped }

  func work() throws -> RoleProgress {
    if machine.position.low > storedLow { try storePosition() }
    if machine.hasEnded {
      if machine.isComplete { report(isWhole: true) }
      return .idle
    }
    if let announcedLast, machine.next > announcedLast {
      end()
      return .busy
    }
    switch draining {
    case .no: break
    case .paused: return .idle
    case .upTo(let last) where machine.next > last:
      try stopDraining()
      return .busy
    case .upTo: break
    case .stopped:
      if machine.position.low == machine.next { report(isWhole: false) }
      return .idle
    }
    return machine.mayCut && hasPeer ? try cut() : .idle
  }

  private func report(isWhole: Bool) {
    if hasReported { return }
    hasReported = true
    links.report(.complete(machine.position.tally, last: machine.next - 1, isWhole: isWhole))
  }

  /// Reading stops here; if nothing is left to read, that is the end.
  private func stopDraining() throws {
    if source.canRepeat && announcedLast == nil {
      var unused = BatchBuffer(headroom: 0, capacity: 0)
      var ignored = RecordErrors(policy: .drop, worker: "")
      if case .end = try source.cut(at: mark, headroom: 0, into: &unused, errors: &ignored) { return end() }
    }
    draining = .stopped
  }

  private func cut() throws -> RoleProgress {
    var buffer = BatchBuffer(headroom: 0, capacity: 0)
    switch try source.cut(at: mark, headroom: MessageHeader.size, into: &buffer, errors: &errors) {
    case .end:
      end()
      return .busy
    case .wait(let descriptor):
      if case .upTo = draining {
        draining = .stopped
        return .busy
      }
      return .waiting(descriptor: descriptor)
    case .batch(let batch):
      try send(batch, buffer)
      return .busy
    }
  }

  private func send(_ batch: CutBatch, _ buffer: consuming BatchBuffer) throws {
    var buffer = buffer
    var header = MessageHeader(
      kind: .data, run: links.assignment.run, sender: links.worker,
      id: BatchID(origin: links.worker.slot, sequence: machine.next, branch: .root))
    header.format = batch.format
    header.framing = batch.framing
    header.recordCount = UInt32(batch.recordCount)
    header.lowWater = machine.position.low
    header.provenance = batch.provenance
    header.schemaLength = UInt32(source.schema.count)
    header.payloadLength = UInt64(buffer.count)
    header.lineTableLength = UInt32(HeldBatch.append(batch.lineTable, to: &buffer))
    let letters = errors.takeLetters()
    let count = StageCount(
      stage: links.worker.slot.stage, recordsIn: UInt64(batch.taken), recordsOut: UInt64(batch.recordCount),
      filtered: UInt64(errors.dropped), dead: UInt64(letters.count))
    errors.removeAll()
    let schema = source.schema
    var (output, bytes) = try outputs.make(header, schema: schema, buffer: buffer)
    if !letters.isEmpty { output.letters = try outputs.hold(letters, of: header, schema: schema) }
    mark = batch.end
    let page = links.page
    page.add(count.recordsIn, to: .recordsIn)
    page.add(count.recordsOut, to: .recordsOut)
    page.add(count.dead, to: .recordsDead)
    page.add(header.payloadLength, to: .bytesOut)
    page.add(1, to: .batches)
    try links.perform(machine.batchCut(output, bytes: bytes, count: count, endMark: mark))
  }

  private func end() {
    machine.inputEnded()
    links.report(.originEnded(last: machine.next - 1))
  }

  private func storePosition() throws {
    links.faults.reached(.beforeCommit)
    // An older position only cuts again what the sinks know already.
    try checkpoint.store(Self.encode(machine.position), durably: false)
    links.faults.reached(.afterCommit)
    storedLow = machine.position.low
    links.page[.inputDone] = source.bytes(before: machine.position.mark)
    links.page[.lowWater] = storedLow
  }

  private static func encode(_ position: OriginStateMachine<InputMark>.Position) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(position.low)
    writer.write(position.mark.file)
    writer.write(position.mark.offset)
    writer.write(position.mark.line)
    writer.write(position.tally)
    return writer.bytes
  }

  static func decode(
    _ bytes: [UInt8]
  ) throws(ByteCodingError) -> OriginStateMachine<InputMark>.Position {
    var reader = ByteReader(bytes)
    return .init(
      low: try reader.read(),
      mark: InputMark(file: try reader.read(), offset: try reader.read(), line: try reader.read()),
      tally: try reader.readTally())
  }
}
