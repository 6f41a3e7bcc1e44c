/// The delivery side of a stage that keeps state: it takes custody of what it reads and numbers what it
/// writes.
///
/// One transaction holds the state, ``Position`` and the outgoing batches. Nothing leaves before it is
/// durable, and `done` is answered upstream only then; from there on the batches are this slot's own. Where too
/// much is stored that is not done below, nothing more is applied.
///
/// Whoever drives it repeats: apply ``nextToApply``, commit when ``shouldCommit`` says so, release
/// ``nextToRelease``, flush when ``mayFlush``.
package struct CustodyStateMachine: Sendable {
  /// What is stored together with the state and the outgoing batches.
  package struct Position: Hashable, Sendable {
    /// The highest sequence applied per stream, in merge order.
    package var dense: [UInt64]
    /// The number of the next outgoing batch. Stored, not derived from what is left in the store: the
    /// highest may be done and gone.
    package var next: UInt64
    /// What the state owed at the end is among the outgoing batches.
    package var isFlushed: Bool
    /// The counts of all outgoing batches that are done and gone from the store, and of the records that led
    /// to none: upstream counts only that they came in, so that a second `done` counts what the first did.
    package var tally: Tally

    package init(dense: [UInt64], next: UInt64 = 1, isFlushed: Bool = false, tally: Tally = Tally()) {
      self.dense = dense
      self.next = next
      self.isFlushed = isFlushed
      self.tally = tally
    }
  }

  private struct Sent: Sendable {
    var sequence: UInt64
    var output: Output
    var waitingFor: Int
    var tally: Tally
  }

  package let slot: SlotID
  /// The most outgoing batches in flight, as a span, and stored before nothing more is applied.
  package let window: UInt64
  private var intake: Intake<Void>
  /// What the next commit makes durable.
  private var position: Position
  private var committed: Position
  /// Outgoing batches in the store, ascending; those from ``committed``'s next on are not yet durable.
  private var stored: [UInt64]
  /// The lowest that was not released by this incarnation. Numbers below `next` that are not stored are done.
  private var nextRelease: UInt64
  private var sent: [Sent] = []
  /// Done below, and in the store until a commit removes them.
  private var finished: [UInt64] = []
  private var peers = Peers()
  private var outbox: Outbox
  private var isFlushOrdered = false

  /// `stored` are the numbers of the outgoing batches that a predecessor left, ascending. All are released again.
  package init(
    slot: SlotID, topology: Topology, resumingAt position: Position? = nil, stored: [UInt64] = [],
    window: UInt64? = nil, credit: Int = Topology.credit
  ) {
    self.slot = slot
    self.window = window ?? topology.window(ofOrigin: slot.stage)
    intake = Intake(of: slot, topology: topology, resumingAt: position?.dense, window: window)
    self.position = position ?? Position(dense: intake.applied)
    committed = self.position
    self.stored = stored
    nextRelease = stored.first ?? self.position.next
    outbox = Outbox(stage: slot.stage, topology: topology, credit: credit)
  }

  /// The streams that reach the slot, in merge order.
  package var inputs: [MergeInput] { intake.inputs }

  /// Batches that arrived and are not committed.
  package var bufferedCount: Int { intake.count }

  /// Batches that are applied and not committed.
  package var appliedCount: Int { intake.uncommittedCount }

  /// What was done in the open transaction: batches, and the writing of what the state owed.
  package var uncommittedCount: Int {
    intake.uncommittedCount + (position.isFlushed && !committed.isFlushed ? 1 : 0)
  }

  /// The lowest outgoing batch that is not known to be done and gone, for the headers.
  package var lowWater: UInt64 { stored.first ?? position.next }

  package mutating func peerCameUp(_ peer: Incarnation) -> [DeliveryAction] {
    var actions: [DeliveryAction] = []
    if peers.cameUp(peer, actions: &actions) { outbox.peerCameUp(peer, actions: &actions) }
    return actions
  }

  package mutating func peerWentDown(_ peer: Incarnation) -> [DeliveryAction] {
    peers.wentDown(peer)
    var actions: [DeliveryAction] = []
    outbox.peerWentDown(peer, actions: &actions)
    intake.peerWentDown(peer, actions: &actions)
    return actions
  }

  package mutating func peerRetires(_ peer: Incarnation) { outbox.peerRetires(peer) }

  /// Data came in. The caller has derived the branch for this edge; `lowWater` is the origin's as it has
  /// stored it, maybe stale.
  package mutating func batchArrived(
    _ id: BatchID, content: Content, records: UInt64, lowWater: UInt64, from sender: Incarnation
  ) throws(DeliveryViolation) -> [DeliveryAction] {
    if peers.isDead(sender) { return [.release(content)] }
    var actions: [DeliveryAction] = []
    peers.replyTaken(id, to: sender, actions: &actions)
    let (_, arrival) = try intake.batchArrived(
      id, content: content, records: records, lowWater: lowWater, from: sender)
    if arrival == .isCommitted { peers.replyDone(id, tally(records), to: sender, actions: &actions) }
    if arrival != .isNew { actions.append(.release(content)) }
    return actions
  }

  /// The batch whose turn it is, if it is here and there is room for what it leads to. The content stays the
  /// machine's until the commit.
  package var nextToApply: (id: BatchID, content: Content)? {
    position.isFlushed || !hasRoom ? nil : intake.next
  }

  /// The batch changed the state in the open transaction. Returns the numbers of the outgoing batches that it
  /// led to, to be stored with it; the letters of its `dead` records are part of one of them.
  package mutating func batchApplied(
    _ id: BatchID, outgoing count: Int, filtered: UInt64 = 0, dead: UInt64 = 0
  ) -> Range<UInt64> {
    _ = intake.batchApplied(id, ())
    position.dense = intake.applied
    if filtered + dead > 0 {
      position.tally.add(
        StageCount(stage: slot.stage, recordsIn: 0, recordsOut: 0, filtered: filtered, dead: dead))
    }
    return number(count)
  }

  /// An origin has read to its end, or drains: nothing above `last` will come from it.
  package mutating func originEnded(_ origin: SlotID, last: UInt64) {
    intake.originEnded(origin, last: last)
  }

  package mutating func flushOrdered() { isFlushOrdered = true }

  /// All stages above are over, and what the state still owes may be written.
  package var mayFlush: Bool { isFlushOrdered && !position.isFlushed && intake.isEmpty }

  /// What the state owed is in the open transaction. It may be more than the window; release is bounded.
  package mutating func flushApplied(outgoing count: Int) -> Range<UInt64> {
    precondition(mayFlush, "the state was flushed out of turn")
    position.isFlushed = true
    return number(count)
  }

  private mutating func number(_ count: Int) -> Range<UInt64> {
    let numbers = position.next..<position.next + UInt64(count)
    stored.append(contentsOf: numbers)
    position.next = numbers.upperBound
    return numbers
  }

  /// Whether there is something to make durable and nothing else to do first.
  package var shouldCommit: Bool {
    if uncommittedCount == 0 && finished.isEmpty { return false }
    return nextToApply == nil || isGroupFull
  }

  /// Whether somebody may be waiting for the commit: half of a window waits for it, the store is full of what it
  /// would release, or it is among the last.
  package var isCommitUrgent: Bool {
    guard shouldCommit else { return false }
    if uncommittedCount == 0 { return isFlushOrdered && stored.count == finished.count }
    return isFlushOrdered || isGroupFull || !hasRoom || intake.hasAppliedAll
  }

  /// Half of a window waits for a commit.
  package var isGroupFull: Bool { intake.isGroupFull }

  /// Whether there is room for what another batch leads to.
  package var hasRoom: Bool { UInt64(stored.count - finished.count) < window }

  /// The number that the next outgoing batch gets.
  package var next: UInt64 { position.next }

  /// The last number of all, once what the state owed at the end is durable.
  package var lastSequence: UInt64? { committed.isFlushed ? committed.next - 1 : nil }

  /// Ends the open transaction: it must store the position, and remove the outgoing batches of these numbers.
  package mutating func commitStarts() -> (position: Position, finished: [UInt64]) {
    let removed = finished
    stored.removeAll { removed.contains($0) }
    for batch in sent where removed.contains(batch.sequence) { position.tally.add(batch.tally) }
    sent.removeAll { removed.contains($0.sequence) }
    finished = []
    return (position, removed)
  }

  /// What ``commitStarts()`` returned, and all that was applied before it, is durable.
  package mutating func groupCommitted() -> [DeliveryAction] {
    committed = position
    var actions: [DeliveryAction] = []
    for (id, entry) in intake.commit() {
      for claimant in entry.claimants {
        peers.replyDone(id, tally(entry.records), to: claimant, actions: &actions)
      }
      actions.append(.release(entry.content))
    }
    return actions
  }

  /// The number of a durable batch that may leave now.
  package var nextToRelease: UInt64? {
    guard let sequence = stored.first(where: { $0 >= nextRelease }), sequence < committed.next
    else { return nil }
    let low = stored.first { !finished.contains($0) } ?? sequence
    return sequence - low < window ? sequence : nil
  }

  /// The batch of ``nextToRelease`` was read from the store. `count` is the stage's own of what goes out.
  package mutating func batchReleased(_ sequence: UInt64, output: Output, count: StageCount)
    -> [DeliveryAction]
  {
    precondition(sequence == nextToRelease, "a batch was released out of turn")
    var actions: [DeliveryAction] = []
    nextRelease = sequence + 1
    let id = BatchID(origin: slot, sequence: sequence, branch: .root)
    sent.append(Sent(sequence: sequence, output: output, waitingFor: 0, tally: Tally(count)))
    sent[sent.count - 1].waitingFor = outbox.add(output, parent: id, actions: &actions)
    return actions
  }

  package mutating func takenArrived(
    _ id: BatchID, from peer: Incarnation
  ) throws(DeliveryViolation) -> [DeliveryAction] {
    var actions: [DeliveryAction] = []
    try outbox.taken(by: peer, actions: &actions)
    return actions
  }

  /// A batch is done below. Accepted from the dead too: it is a durable fact.
  package mutating func doneArrived(_ id: BatchID, tally: Tally) -> [DeliveryAction] {
    guard let parent = outbox.done(id),
      let index = sent.firstIndex(where: { $0.sequence == parent.sequence })
    else { return [] }
    sent[index].tally.add(tally)
    sent[index].waitingFor -= 1
    if sent[index].waitingFor > 0 { return [] }
    finished.append(parent.sequence)
    var actions: [DeliveryAction] = []
    sent[index].output.release(&actions)
    return actions
  }

  /// The state is flushed, and all that it led to is done and gone from the store.
  package var isFinished: Bool {
    isFlushOrdered && committed.isFlushed && stored.isEmpty && uncommittedCount == 0 && intake.isEmpty
  }

  /// Nothing that can be applied is uncommitted, and all that it led to is done and gone from the store: a drained
  /// pipeline may end here and go on later.
  package var isIdle: Bool { nextToApply == nil && uncommittedCount == 0 && stored.isEmpty }

  /// The counts of all that is done, as they are stored.
  package var tally: Tally { committed.tally }

  /// Upstream counts what was taken into custody; what goes out is counted by this origin.
  private func tally(_ records: UInt64) -> Tally {
    Tally(StageCount(stage: slot.stage, recordsIn: records, recordsOut: 0))
  }
}
