import Coordination
import Delivery
import POSIXKit
import PipelineFile
import Records
import Stages

/// A sink's worker: applies batches in order, commits in groups, then answers `done`.
final class SinkRole: WorkerRole {
  private let links: Links
  private let sink: any StageSink
  private var machine: SinkStateMachine
  private var checkpoint: CheckpointFile
  private var group = GroupCommit()
  private var errors: RecordErrors
  private let keepsLetters: Bool
  private let outputs: OutputMaker
  private let inHand: WorkInHand
  private var hasReported = false

  init(
    links: Links, checkpoint: consuming CheckpointFile,
    makeSink: (_ state: [UInt8]?) throws -> any StageSink
  ) throws {
    var checkpoint = checkpoint
    let stored = try checkpoint.load().map(SinkCheckpoint.init(decoding:))
    self.links = links
    self.checkpoint = checkpoint
    sink = try makeSink(stored?.state)
    errors = links.makeErrors()
    keepsLetters = links.topology.letterStage(of: links.worker.slot.stage) != nil
    outputs = try OutputMaker(links)
    inHand = WorkInHand(links)
    let position =
      try sink.storedPosition.flatMap(SinkCheckpoint.decodePosition) ?? stored?.position
    machine = SinkStateMachine(
      slot: links.worker.slot, topology: links.topology, resumingAt: position)
  }

  func peerCameUp(_ peer: Incarnation) throws { try links.perform(machine.peerCameUp(peer)) }

  func peerWentDown(_ peer: Incarnation) throws { try links.perform(machine.peerWentDown(peer)) }

  func batchArrived(_ batch: HeldBatch, id: BatchID) throws {
    let header = batch.header
    try links.perform(
      machine.batchArrived(
        id, content: links.contents.hold(batch), records: UInt64(header.recordCount),
        lowWater: header.lowWater, from: header.sender))
  }

  func takenArrived(_ id: BatchID, from peer: Incarnation) throws {
    try links.perform(machine.takenArrived(id, from: peer))
  }

  /// Dead letters of this sink are stored.
  func doneArrived(_ id: BatchID, tally: Tally) throws { machine.doneArrived(id) }

  func originEnded(_ origin: SlotID, last: UInt64) throws { machine.originEnded(origin, last: last) }

  func flush() throws { machine.flushOrdered() }

  func drain() throws { throw unexpected("an order to drain", links.worker) }

  func drain(upTo last: UInt64) throws { throw unexpected("an order to drain", links.worker) }

  var queueLength: Int { machine.bufferedCount - machine.uncommittedCount }

  var waitsForOutput: Bool { false }

  func work() throws -> RoleProgress {
    if let (id, content) = machine.nextToApply, !machine.isGroupFull {
      try apply(id, links.contents[content])
      return .busy
    }
    if machine.mayCommit {
      // Nobody waits for this commit yet: what comes soon may share it.
      let decision = group.decision(at: MonotonicClock.now(), isUrgent: machine.isCommitUrgent)
      if case .wait(let until) = decision { return .until(until) }
      try commit()
      return .busy
    }
    if machine.isFinished && !hasReported {
      hasReported = true
      try sink.finish()
      try store()
      let summary = sink.summary
      links.report(
        .finished(
          SinkReport(
            target: summary.target, records: summary.records, bytes: summary.bytes,
            isDurable: summary.isDurable)))
    }
    guard let deadline = sink.nextDeadline else { return .idle }
    if deadline > MonotonicClock.now() { return .until(deadline) }
    try store()
    return .busy
  }

  private func apply(_ id: BatchID, _ batch: HeldBatch) throws {
    let started = MonotonicClock.now()
    let goesRecordByRecord = inHand.start(id, batch.header, at: started, errors: &errors)
    links.faults.reached(.beforeWrite)
    let view = batch.view
    links.taps.input(view)
    if goesRecordByRecord { try writeOneByOne(view) } else { try sink.write(view, errors: &errors) }
    links.faults.reached(.afterWrite)
    inHand.end()
    let letters = errors.takeLetters()
    var header = batch.header
    header.id = id
    let content =
      letters.isEmpty || !keepsLetters
      ? nil : try outputs.hold(letters, of: header, schema: Array(view.schema))
    let dead = content == nil ? 0 : UInt64(letters.count)
    let taken = UInt64(batch.header.recordCount)
    let filtered = UInt64(errors.dropped + letters.count) - dead
    try links.perform(machine.batchApplied(id, filtered: filtered, dead: dead, letters: content))
    let now = MonotonicClock.now()
    group.wrote(Int(batch.header.payloadLength), at: now)
    let page = links.page
    page.add(now - started, to: .busyNanoseconds)
    page.add(taken, to: .recordsIn)
    page.add(taken - dead - filtered, to: .recordsOut)
    page.add(dead, to: .recordsDead)
    page.add(batch.header.payloadLength, to: .bytesIn)
    page.add(1, to: .batches)
  }

  private func writeOneByOne(_ batch: BatchView) throws(StageFailure) {
    try SingleRecords.each(of: batch, errors: &errors, beforeRecord: inHand.startRecord) {
      (one, errors) throws(StageFailure) in try sink.write(one, errors: &errors)
    }
  }

  private func commit() throws {
    let started = MonotonicClock.now()
    links.faults.reached(.beforeCommit)
    try store()
    links.faults.reached(.afterCommit)
    group.committed()
    try links.perform(machine.groupCommitted())
    links.page[.bytesOut] = sink.summary.bytes
    links.page.add(MonotonicClock.now() - started, to: .busyNanoseconds)
  }

  /// The data first, then the place that counts it.
  private func store() throws {
    let position = machine.position
    let state = try sink.commit(position: SinkCheckpoint.encode(position))
    if !sink.keepsPosition {
      try checkpoint.store(
        SinkCheckpoint(position: position, state: state).encoded(), durably: sink.summary.isDurable)
    }
    try sink.committed()
  }
}
