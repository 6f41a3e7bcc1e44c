/// The delivery side of an ordered, deduplicating sink.
///
/// It knows every stream that reaches it. Where it merges, the output of a parallel run is that of a sequential
/// one; otherwise each stream keeps its own order. `taken` is answered on arrival (a later sequence must not hold the credit that
/// an earlier one needs), `done` only for what is committed. Records that it can't write are done as dead
/// letters before the commit that passes over them.
package struct SinkStateMachine: Sendable {
  /// What a sink commits together with its data: the highest dense sequence per stream, in merge order.
  package struct Position: Hashable, Sendable {
    package var dense: [UInt64]
    /// Batches of which records became dead letters here, as long as they may be asked for again: a second
    /// `done` must count what the first did.
    package var dead: [DeadCount]

    package init(dense: [UInt64], dead: [DeadCount] = []) {
      self.dense = dense
      self.dead = dead
    }
  }

  package struct DeadCount: Hashable, Sendable {
    /// Position of the stream in merge order.
    package var input: Int
    package var sequence: UInt64
    package var records: UInt64
    /// Records that were dropped instead.
    package var filtered: UInt64

    package init(input: Int, sequence: UInt64, records: UInt64, filtered: UInt64 = 0) {
      self.input = input
      self.sequence = sequence
      self.records = records
      self.filtered = filtered
    }
  }

  /// What is remembered of an applied batch.
  private struct Written: Sendable {
    var filtered: UInt64
    /// Records that became dead letters, and their content.
    var dead: UInt64
    var letters: Content?
  }

  package let slot: SlotID
  private let letterStage: UInt16?
  private var intake: Intake<Written>
  private var dead: [DeadCount]
  private var peers = Peers()
  /// Holds dead letters only.
  private var outbox: Outbox
  private var isFlushOrdered = false

  package init(
    slot: SlotID, topology: Topology, resumingAt position: Position? = nil, window: UInt64? = nil,
    credit: Int = Topology.credit
  ) {
    self.slot = slot
    self.letterStage = topology.letterStage(of: slot.stage)
    self.intake = Intake(of: slot, topology: topology, resumingAt: position?.dense, window: window)
    self.dead = position?.dead ?? []
    self.outbox = Outbox(stage: slot.stage, topology: topology, credit: credit)
  }

  /// The streams that reach the sink, in merge order.
  package var inputs: [MergeInput] { intake.inputs }

  /// What the next commit makes durable.
  package var position: Position { Position(dense: intake.applied, dead: dead) }

  /// Batches that arrived and are not committed.
  package var bufferedCount: Int { intake.count }

  /// Batches that are applied and not committed.
  package var uncommittedCount: Int { intake.uncommittedCount }

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

  /// Data came in. The caller has derived the branch for this edge; `lowWater` is the origin's as it
  /// has stored it, maybe stale: a higher one would have the counts of what it may send again forgotten.
  package mutating func batchArrived(
    _ id: BatchID, content: Content, records: UInt64, lowWater: UInt64, from sender: Incarnation
  ) throws(DeliveryViolation) -> [DeliveryAction] {
    if peers.isDead(sender) { return [.release(content)] }
    var actions: [DeliveryAction] = []
    peers.replyTaken(id, to: sender, actions: &actions)
    let (input, arrival) = try intake.batchArrived(
      id, content: content, records: records, lowWater: lowWater, from: sender)
    dead.removeAll { $0.input == input && $0.sequence < lowWater }
    if arrival == .isCommitted {
      let known = dead.first { $0.input == input && $0.sequence == id.sequence }
      peers.replyDone(
        id, tally(records, filtered: known?.filtered ?? 0, dead: known?.records ?? 0), to: sender,
        actions: &actions)
    }
    if arrival != .isNew { actions.append(.release(content)) }
    return actions
  }

  /// An origin has read to its end, or drains: nothing above `last` will come from it.
  package mutating func originEnded(_ origin: SlotID, last: UInt64) {
    intake.originEnded(origin, last: last)
  }

  package mutating func flushOrdered() { isFlushOrdered = true }

  /// The batch whose turn it is, if it is here. The content stays the machine's until the commit.
  package var nextToApply: (id: BatchID, content: Content)? {
    // Letters hold the commit back, so more is not taken on than a commit may hold.
    if !outbox.entries.isEmpty && isGroupFull { return nil }
    return intake.next
  }

  /// The batch was written, though not yet committed. `letters` holds the `dead` records that were not.
  package mutating func batchApplied(
    _ id: BatchID, filtered: UInt64 = 0, dead count: UInt64 = 0, letters: Content? = nil
  ) -> [DeliveryAction] {
    let input = intake.batchApplied(id, Written(filtered: filtered, dead: count, letters: letters))
    if count + filtered > 0 {
      dead.append(DeadCount(input: input, sequence: id.sequence, records: count, filtered: filtered))
    }
    var actions: [DeliveryAction] = []
    if letters != nil { _ = outbox.add(Output(letters: letters), parent: id, actions: &actions) }
    return actions
  }

  package mutating func takenArrived(
    _ id: BatchID, from peer: Incarnation
  ) throws(DeliveryViolation) -> [DeliveryAction] {
    var actions: [DeliveryAction] = []
    try outbox.taken(by: peer, actions: &actions)
    return actions
  }

  /// Dead letters are stored. Accepted from the dead too: it is a durable fact.
  package mutating func doneArrived(_ id: BatchID) { _ = outbox.done(id) }

  /// Whether a commit has something to make durable, and all that it passes over is stored as dead letters.
  package var mayCommit: Bool { uncommittedCount > 0 && outbox.entries.isEmpty }

  /// A group is committed when nothing else can be applied, or when half of the window waits for it.
  package var shouldCommit: Bool { mayCommit && (nextToApply == nil || isGroupFull) }

  /// Whether somebody may be waiting for the commit: the group is full, or it is the last.
  package var isCommitUrgent: Bool { mayCommit && (isGroupFull || isFlushOrdered || intake.hasAppliedAll) }

  /// Half of the window waits for a commit.
  package var isGroupFull: Bool { intake.isGroupFull }

  /// What was applied up to now is durable, together with ``position``.
  package mutating func groupCommitted() -> [DeliveryAction] {
    var actions: [DeliveryAction] = []
    for (id, entry) in intake.commit() {
      let tally = tally(entry.records, filtered: entry.note?.filtered ?? 0, dead: entry.note?.dead ?? 0)
      for claimant in entry.claimants { peers.replyDone(id, tally, to: claimant, actions: &actions) }
      actions.append(.release(entry.content))
      if let letters = entry.note?.letters { actions.append(.release(letters)) }
    }
    return actions
  }

  /// Flushing was ordered and nothing is left to write.
  package var isFinished: Bool { isFlushOrdered && intake.isEmpty }

  /// Counts the letters for the stage that keeps them too: a second `done` is given without asking it again.
  private func tally(_ records: UInt64, filtered: UInt64, dead: UInt64) -> Tally {
    var tally = Tally(
      StageCount(
        stage: slot.stage, recordsIn: records, recordsOut: records - filtered - dead, filtered: filtered,
        dead: dead))
    if dead > 0, let letterStage {
      tally.add(StageCount(stage: letterStage, recordsIn: dead, recordsOut: dead))
    }
    return tally
  }
}
