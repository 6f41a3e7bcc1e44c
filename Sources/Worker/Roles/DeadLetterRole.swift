import Coordination
import Delivery
import Glibc
import POSIXKit
import PipelineFile
import Records
import Stages

/// The worker that keeps dead letters: stores whatever comes, each letter once, then answers `done`.
final class DeadLetterRole: WorkerRole {
  private let links: Links
  private let names: InputNames
  private var machine: DeadLetterStateMachine
  /// Made for the first letter: a run without letters leaves no store.
  private var store: DeadLetterStore?
  private let path: String
  private var stored: UInt64 = 0
  private var hasReported = false

  init(links: Links) throws {
    self.links = links
    names = InputNames(links.plan)
    machine = DeadLetterStateMachine(slot: links.worker.slot)
    path = "\(links.assignment.stateFolder)/\(DeadLetterStore.fileName)"
    if let keep = links.plan.deadLetters.keep, let existing = try DeadLetterStore(existing: path) {
      let now = WallClock.now()
      _ = try existing.drop(olderThan: now > keep ? now - keep : 0)
    }
  }

  func peerCameUp(_ peer: Incarnation) throws { try links.perform(machine.peerCameUp(peer)) }

  func peerWentDown(_ peer: Incarnation) throws { machine.peerWentDown(peer) }

  func batchArrived(_ batch: HeldBatch, id: BatchID) throws {
    try links.perform(
      machine.batchArrived(
        id, content: links.contents.hold(batch), records: UInt64(batch.header.recordCount),
        from: batch.header.sender))
  }

  func takenArrived(_ id: BatchID, from peer: Incarnation) throws {
    throw unexpected("a taken", links.worker)
  }

  func doneArrived(_ id: BatchID, tally: Tally) throws { throw unexpected("a done", links.worker) }

  func originEnded(_ origin: SlotID, last: UInt64) throws {
    throw unexpected("the end of an origin", links.worker)
  }

  func flush() throws { machine.flushOrdered() }

  func drain() throws { throw unexpected("an order to drain", links.worker) }

  func drain(upTo last: UInt64) throws { throw unexpected("an order to drain", links.worker) }

  var queueLength: Int { machine.bufferedCount }

  var waitsForOutput: Bool { false }

  func work() throws -> RoleProgress {
    if machine.shouldCommit {
      links.faults.reached(.beforeCommit)
      try store?.commit()
      links.faults.reached(.afterCommit)
      try links.perform(machine.groupCommitted())
      links.report(.lettersStored)
      return .busy
    }
    if let (_, content) = machine.nextToStore {
      links.faults.reached(.beforeWrite)
      try keep(links.contents[content])
      links.faults.reached(.afterWrite)
      machine.lettersStored()
      return .busy
    }
    if machine.isFinished && !hasReported {
      hasReported = true
      links.report(.finished(SinkReport(target: path, records: stored, bytes: 0, isDurable: true)))
    }
    return .idle
  }

  private func keep(_ batch: HeldBatch) throws {
    if store == nil { store = try DeadLetterStore(making: path) }
    let header = batch.header
    let view = batch.view
    let origin = LetterOrigin(
      run: links.assignment.run, stage: links.plan.stages[Int(header.sender.slot.stage)].name,
      origin: links.plan.stages[Int(header.id.origin.stage)].name, slot: header.id.origin.index,
      sequence: header.id.sequence, branch: header.id.branch.rawValue, format: header.format,
      schema: Array(view.schema),
      file: names.name(stage: Int(header.fileStage), file: Int(header.provenance.file)))
    links.taps.letters(view, from: origin)
    var reader = LetterReader(view.payload)
    while let letter = try reader.next() {
      if try store!.insert(letter, from: origin) { stored += 1 }
    }
    let page = links.page
    page.add(UInt64(header.recordCount), to: .recordsIn)
    page.add(UInt64(header.recordCount), to: .recordsOut)
    page.add(1, to: .batches)
  }
}
