import Coordination
import Delivery
import POSIXKit
import PipelineFile
import Stages

/// A sink's worker: applies batches in order, commits in groups, then answers `done`.
final class SinkRole: WorkerRole {
  private let links: Links
  private let sink: any StageSink
  private var machine: SinkStateMachine
  private var checkpoint: CheckpointFile
  private var errors: RecordErrors
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
    errors = RecordErrors(policy: .fail, worker: links.plan.name(of: links.worker.slot))
    let position =
      sink.keepsPosition
      ? try SinkCheckpoint.decodePosition(sink.storedPosition ?? []) : stored?.position
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
    throw unexpected("a taken", links.worker)
  }

  func doneArrived(_ id: BatchID, tally: Tally) throws { throw unexpected("a done", links.worker) }

  func originEnded(_ origin: SlotID, last: UInt64) throws { machine.originEnded(origin, last: last) }

  func flush() throws { machine.flushOrdered() }

  func drain() throws { throw unexpected("an order to drain", links.worker) }

  func drain(upTo last: UInt64) throws { throw unexpected("an order to drain", links.worker) }

  func work() throws -> RoleProgress {
    if machine.shouldCommit {
      try commit()
      return .busy
    }
    if let (id, content) = machine.nextToApply {
      try apply(id, links.contents[content])
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
    return .idle
  }

  private func apply(_ id: BatchID, _ batch: HeldBatch) throws {
    let started = MonotonicClock.now()
    links.faults.reached(.beforeWrite)
    try sink.write(batch.view, errors: &errors)
    links.faults.reached(.afterWrite)
    try links.perform(machine.batchApplied(id))
    let page = links.page
    page.add(MonotonicClock.now() - started, to: .busyNanoseconds)
    page.add(UInt64(batch.header.recordCount), to: .recordsIn)
    page.add(UInt64(batch.header.recordCount), to: .recordsOut)
    page.add(batch.header.payloadLength, to: .bytesIn)
    page.add(1, to: .batches)
  }

  private func commit() throws {
    links.faults.reached(.beforeCommit)
    try store()
    links.faults.reached(.afterCommit)
    try links.perform(machine.groupCommitted())
    links.page[.bytesOut] = sink.summary.bytes
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
