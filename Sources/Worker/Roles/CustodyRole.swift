import Coordination
import Delivery
import POSIXKit
import Records
import Stages

/// A worker of a stage that keeps state: applies batches, commits them in groups with what they changed and led
/// to, answers `done`, and only then lets the output leave.
final class CustodyRole: WorkerRole {
  private let links: Links
  private let step: any StatefulStep
  private let store: StateStore
  private var machine: CustodyStateMachine
  private let outgoing: OutgoingBatches
  private let output: StateOutput
  private var group = GroupCommit()
  private var errors: RecordErrors
  private let keepsLetters: Bool
  private let inHand: WorkInHand
  private var isDraining = false
  private var hasEnded = false
  private var hasReported = false

  init(links: Links, step: any StatefulStep, store: StateStore) throws {
    self.links = links
    self.step = step
    self.store = store
    let slot = links.worker.slot
    let position = try store.storedPosition.map(CustodyStateMachine.Position.init(decoding:))
    machine = CustodyStateMachine(
      slot: slot, topology: links.topology, resumingAt: position, stored: try store.storedSequences())
    let outgoing = try OutgoingBatches(links, store, next: machine.next, lowWater: machine.lowWater)
    self.outgoing = outgoing
    output = StateOutput(headroom: MessageHeader.size) { (batch, buffer, lines) throws(StageFailure) in
      try outgoing.take(batch, &buffer, &lines)
    }
    errors = links.makeErrors()
    keepsLetters = links.topology.letterStage(of: slot.stage) != nil
    inHand = WorkInHand(links)
    let page = links.page
    page[.lowWater] = machine.lowWater
    if page[.firstLowWater] == 0 { page[.firstLowWater] = machine.lowWater }
    page[.nextSequence] = machine.next
    page[.oldestSince] = MonotonicClock.now()
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

  func doneArrived(_ id: BatchID, tally: Tally) throws {
    try links.perform(machine.doneArrived(id, tally: tally))
  }

  func originEnded(_ origin: SlotID, last: UInt64) throws { machine.originEnded(origin, last: last) }

  func flush() throws { machine.flushOrdered() }

  /// All sources above have stopped, and what they sent is in the state: see to it that what it led to is done.
  func drain() throws { isDraining = true }

  func drain(upTo last: UInt64) throws { throw unexpected("an order to drain up to a batch", links.worker) }

  func peerRetires(_ peer: Incarnation) throws { machine.peerRetires(peer) }

  var queueLength: Int { machine.bufferedCount - machine.appliedCount }

  var waitsForOutput: Bool { !machine.hasRoom }

  func work() throws -> RoleProgress {
    if let sequence = machine.nextToRelease {
      try release(sequence)
      return .busy
    }
    if !machine.isGroupFull, let (id, content) = machine.nextToApply {
      try apply(id, links.contents[content])
      return .busy
    }
    if machine.shouldCommit {
      let now = MonotonicClock.now()
      // Batches that are done below wait for a commit to be removed, too.
      group.wrote(0, at: now)
      let decision = group.decision(at: now, isUrgent: machine.isCommitUrgent || isDraining)
      if case .wait(let until) = decision { return .until(until) }
      try commit()
      return .busy
    }
    if machine.mayFlush {
      try writeRest()
      return .busy
    }
    report()
    return .idle
  }

  private func apply(_ id: BatchID, _ batch: HeldBatch) throws {
    let started = MonotonicClock.now()
    let goesRecordByRecord = inHand.start(id, batch.header, at: started, errors: &errors)
    links.faults.reached(.beforeWrite)
    let view = batch.view
    links.taps.input(view)
    outgoing.begin()
    output.begin(view.provenance, fileStage: view.originStage)
    if goesRecordByRecord {
      try applyOneByOne(view)
    } else {
      try step.process(view, state: store, into: output, errors: &errors)
    }
    if let failure = store.failure { throw failure }
    let letters = errors.takeLetters()
    let kept = keepsLetters ? letters : []
    try outgoing.finish(output, letters: stored(kept, of: batch))
    links.faults.reached(.afterWrite)
    inHand.end()
    let dead = UInt64(kept.count)
    // Where letters are not wanted, a record that ends its worker is dropped like one that is refused.
    let filtered = UInt64(errors.dropped + letters.count) - dead
    _ = machine.batchApplied(
      id, outgoing: Int(outgoing.next - machine.next), filtered: filtered, dead: dead)
    note(batch.header, since: started, dead: dead)
  }

  private func applyOneByOne(_ batch: BatchView) throws(StageFailure) {
    try SingleRecords.each(of: batch, errors: &errors, beforeRecord: inHand.startRecord) {
      (one, errors) throws(StageFailure) in
      try step.process(one, state: store, into: output, errors: &errors)
    }
  }

  /// Letters as they are stored with the batch that carries them.
  private func stored(_ letters: [Letter], of batch: HeldBatch) -> StoredBatch.Letters? {
    if letters.isEmpty { return nil }
    var writer = LetterWriter()
    for letter in letters { writer.append(letter) }
    let header = batch.header
    return StoredBatch.Letters(
      count: letters.count, format: header.format, framing: header.framing, provenance: header.provenance,
      fileStage: header.fileStage, schema: Array(batch.view.schema),
      payload: writer.finish().withPayload { Array($0) })
  }

  private func note(_ header: MessageHeader, since started: UInt64, dead: UInt64) {
    let now = MonotonicClock.now()
    group.wrote(Int(header.payloadLength) + outgoing.takenBytes, at: now)
    let page = links.page
    page.add(now - started, to: .busyNanoseconds)
    page.add(UInt64(header.recordCount), to: .recordsIn)
    page.add(UInt64(outgoing.takenRecords), to: .recordsOut)
    page.add(dead, to: .recordsDead)
    page.add(header.payloadLength, to: .bytesIn)
    page.add(UInt64(outgoing.takenBytes), to: .bytesOut)
    page.add(1, to: .batches)
    page[.nextSequence] = machine.next
  }

  /// Writes what the state owes at the end.
  private func writeRest() throws {
    let started = MonotonicClock.now()
    links.faults.reached(.beforeWrite)
    outgoing.begin()
    output.beginFlush(fileStage: links.worker.slot.stage)
    try store.mark()
    try step.flush(state: store, into: output)
    if let failure = store.failure { throw failure }
    try outgoing.finish(output, letters: nil)
    links.faults.reached(.afterWrite)
    _ = machine.flushApplied(outgoing: Int(outgoing.next - machine.next))
    let page = links.page
    page.add(MonotonicClock.now() - started, to: .busyNanoseconds)
    page.add(UInt64(outgoing.takenRecords), to: .recordsOut)
    page.add(UInt64(outgoing.takenBytes), to: .bytesOut)
    page[.nextSequence] = machine.next
  }

  private func commit() throws {
    let started = MonotonicClock.now()
    links.faults.reached(.beforeCommit)
    let (position, finished) = machine.commitStarts()
    try store.commit(position: position.encoded(), removing: finished)
    links.faults.reached(.afterCommit)
    group = GroupCommit(longest: Self.patience(after: MonotonicClock.now() - started))
    let actions = machine.groupCommitted()
    let page = links.page
    let now = MonotonicClock.now()
    if machine.lowWater > outgoing.lowWater {
      outgoing.lowWater = machine.lowWater
      page[.lowWater] = machine.lowWater
      page[.oldestSince] = now
    }
    try links.perform(actions)
    page.add(now - started, to: .busyNanoseconds)
  }

  /// How long a group may take to gather. Keys all over the state make a commit write most of its pages, whether
  /// few or many of them changed: where commits take long there are fewer.
  private static func patience(after commit: UInt64) -> UInt64 {
    min(max(25_000_000, 4 * commit), 500_000_000)
  }

  private func release(_ sequence: UInt64) throws {
    let (output, records) = try outgoing.release(sequence)
    let count = StageCount(
      stage: links.worker.slot.stage, recordsIn: 0, recordsOut: UInt64(records))
    if sequence == outgoing.lowWater { links.page[.oldestSince] = MonotonicClock.now() }
    try links.perform(machine.batchReleased(sequence, output: output, count: count))
  }

  private func report() {
    if let last = machine.lastSequence, !hasEnded {
      hasEnded = true
      links.report(.originEnded(last: last))
    }
    if hasReported { return }
    if machine.isFinished {
      hasReported = true
      links.report(.complete(machine.tally, last: machine.next - 1, isWhole: true))
    } else if isDraining && machine.isIdle {
      hasReported = true
      links.report(.complete(machine.tally, last: machine.next - 1, isWhole: false))
    }
  }
}
