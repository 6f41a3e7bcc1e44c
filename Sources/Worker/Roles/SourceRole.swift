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
  /// The source, where its boundaries must be logged.
  private let arrivals: (any ArrivalSource)?
  private let boundaries: Boundaries?
  private var machine: OriginStateMachine<InputMark>
  private var mark: InputMark
  private var checkpoint: CheckpointFile
  private var storedLow: UInt64
  /// Where an earlier incarnation said that the input ends.
  private var announcedLast: UInt64?
  /// Where an earlier incarnation ended is told before the first peer: until then nothing may be cut, or this
  /// one could get beyond that end.
  private var hasPeer = false
  private var isDraining = false
  /// Told to read nothing for now.
  private var isPaused = false
  private var hasReported = false
  private var errors: RecordErrors
  private let outputs: OutputMaker

  /// Not copyable, and so in a box.
  private final class Boundaries {
    var log: BoundaryLog

    init(_ folder: String, low: UInt64) throws {
      let path = "\(folder)/\(BoundaryLog.fileName)"
      log = try BoundaryLog.open(path)
      // Each batch below the low-water mark was logged, and is unless all of them were dropped.
      if let last = log.last, last + 1 < low {
        throw StageFailure("\(path): error: the log of batches is damaged; start over with --fresh")
      }
    }
  }

  /// `folder` is that of the slot's state.
  init(
    links: Links, source: any StageSource, checkpoint: consuming CheckpointFile, folder: String
  ) throws {
    var checkpoint = checkpoint
    let position = try checkpoint.load().map(Self.decode)
    if !source.canRepeat && links.worker.epoch > 1 {
      throw StageFailure(
        "\(links.plan.name(of: links.worker.slot)) died, and its input can be read only once: "
          + "give it as a file, so that it can be read again")
    }
    self.links = links
    self.source = source
    arrivals = source as? any ArrivalSource
    boundaries = arrivals == nil ? nil : try Boundaries(folder, low: position?.low ?? 1)
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
    noteNext()
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

  func peerRetires(_ peer: Incarnation) throws { machine.peerRetires(peer) }

  func pause() throws { isPaused = true }

  func resume() throws { isPaused = false }

  /// Stops cutting until it is told how far the others have come.
  func drain() throws {
    isDraining = true
    isPaused = false
    links.report(.paused(last: machine.drainOrdered()))
  }

  func drain(upTo last: UInt64) throws {
    isDraining = true
    isPaused = false
    let isEndless = arrivals?.isEndless == true
    // What never ends has nothing to go on to, but what an earlier incarnation sent is sent again.
    machine.drainOrdered(upTo: isEndless ? max(machine.next - 1, boundaries?.log.last ?? 0) : last)
  }

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
    if machine.isDrained {
      if try isAtEnd() { end() } else { report(isWhole: false) }
      return hasReported ? .idle : .busy
    }
    return machine.mayCut && hasPeer && !isPaused ? try cut() : .idle
  }

  var queueLength: Int { Int(machine.next - machine.position.low) }

  var waitsForOutput: Bool { !machine.mayCut && queueLength > 0 }

  private func report(isWhole: Bool) {
    if hasReported { return }
    hasReported = true
    links.report(.complete(machine.position.tally, last: machine.next - 1, isWhole: isWhole))
  }

  /// Whether nothing is left to read. What a look costs is a batch that is thrown away.
  private func isAtEnd() throws -> Bool {
    guard source.canRepeat && arrivals?.isEndless != true && announcedLast == nil && !hasReported else {
      return false
    }
    var unused = BatchBuffer(headroom: 0, capacity: 0)
    var ignored = RecordErrors(policy: .drop, worker: "")
    if case .end = try source.cut(at: mark, headroom: 0, into: &unused, errors: &ignored) { return true }
    return false
  }

  private func cut() throws -> RoleProgress {
    let started = MonotonicClock.now()
    var buffer = BatchBuffer(headroom: 0, capacity: 0)
    if let arrivals, let end = boundaries?.log[machine.next] {
      let batch = try arrivals.cutAgain(
        at: mark, to: end, headroom: MessageHeader.size, into: &buffer, errors: &errors)
      try send(batch, buffer, since: started)
      return .busy
    }
    switch try source.cut(at: mark, headroom: MessageHeader.size, into: &buffer, errors: &errors) {
    case .end:
      end()
      return .busy
    case .wait(let descriptor, let deadline):
      if isDraining {
        // No more will come in time: this is how far it gets.
        machine.drainOrdered(upTo: machine.next - 1)
        return .busy
      }
      return .waiting(descriptor: descriptor, until: deadline)
    case .batch(let batch):
      if let arrivals, let boundaries {
        links.faults.reached(.beforeLog)
        try arrivals.keep(before: batch.end)
        try boundaries.log.append(machine.next, end: batch.end)
        links.faults.reached(.afterLog)
      }
      try send(batch, buffer, since: started)
      return .busy
    }
  }

  /// `started`: when the cutting of the batch began.
  private func send(_ batch: CutBatch, _ buffer: consuming BatchBuffer, since started: UInt64) throws {
    var buffer = buffer
    var header = MessageHeader(
      kind: .data, run: links.assignment.run, sender: links.worker,
      id: BatchID(origin: links.worker.slot, sequence: machine.next, branch: .root))
    header.format = batch.format
    header.framing = batch.framing
    header.recordCount = UInt32(batch.recordCount)
    // As it is stored: a receiver forgets what is below, and a new incarnation may begin there.
    header.lowWater = storedLow
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
    if machine.next == storedLow { page[.oldestSince] = MonotonicClock.now() }
    page.add(MonotonicClock.now() - started, to: .busyNanoseconds)
    try links.perform(machine.batchCut(output, bytes: bytes, count: count, endMark: mark))
    noteNext()
  }

  /// What an earlier incarnation has sent is in flight until it is done again.
  private func noteNext() {
    let page = links.page
    page[.nextSequence] = max(page[.nextSequence], machine.next)
  }

  private func end() {
    machine.inputEnded()
    links.report(.originEnded(last: machine.next - 1))
  }

  private func storePosition() throws {
    links.faults.reached(.beforeCommit)
    // An older position only cuts again what the sinks know already, unless what it needs is dropped.
    let (low, mark) = (machine.position.low, machine.position.mark)
    let drops =
      boundaries?.log.hasUnneeded(below: low) == true || arrivals?.holdsUnneeded(before: mark) == true
    try checkpoint.store(Self.encode(machine.position), durably: drops)
    if drops {
      try boundaries?.log.drop(below: low)
      try arrivals?.release(before: mark)
    }
    links.faults.reached(.afterCommit)
    storedLow = machine.position.low
    links.page[.inputDone] = source.bytes(before: machine.position.mark)
    links.page[.lowWater] = storedLow
    links.page[.oldestSince] = MonotonicClock.now()
  }

  private static func encode(_ position: OriginStateMachine<InputMark>.Position) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(position.low)
    writer.write(position.mark)
    writer.write(position.tally)
    return writer.bytes
  }

  static func decode(
    _ bytes: [UInt8]
  ) throws(ByteCodingError) -> OriginStateMachine<InputMark>.Position {
    var reader = ByteReader(bytes)
    return .init(low: try reader.read(), mark: try reader.readMark(), tally: try reader.readTally())
  }
}
