/// The delivery side of an ordered, deduplicating sink.
///
/// It knows every stream that reaches it. Where it merges, it applies batches by sequence, then in plan order
/// of the streams, waiting for each: the output of a parallel run is that of a sequential one. Otherwise each
/// stream keeps its own order. `taken` is answered on arrival (a later sequence must not hold the credit that
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

  private struct Entry: Sendable {
    var input: Int
    var content: Content
    var records: UInt64
    var claimants: [Incarnation]
    var isApplied = false
    /// Records that became dead letters, and their content, once applied.
    var dead: UInt64 = 0
    var filtered: UInt64 = 0
    var letters: Content?
  }

  package let slot: SlotID
  package let inputs: [MergeInput]
  private let merges: Bool
  private let letterStage: UInt16?
  private let window: UInt64
  /// The last sequence of each stream's origin, once announced.
  private var lastSequences: [UInt64?]
  private var applied: [UInt64]
  private var committed: [UInt64]
  private var dead: [DeadCount]
  private var entries = BatchTable<Entry>()
  package private(set) var uncommittedCount = 0
  private var peers = Peers()
  /// Holds dead letters only.
  private var outbox: Outbox
  private var isFlushOrdered = false

  package init(
    slot: SlotID, topology: Topology, resumingAt position: Position? = nil, window: UInt64? = nil,
    credit: Int = Topology.credit
  ) {
    self.slot = slot
    self.inputs = topology.mergeOrder(of: slot)
    self.merges =
      topology.stages[Int(slot.stage)].merges
      && inputs.allSatisfy { topology.stages[Int($0.origin.stage)].role == .source }
    self.letterStage = topology.letterStage(of: slot.stage)
    self.window = window ?? (inputs.map { topology.window(ofOrigin: $0.origin.stage) }.max() ?? 1)
    self.lastSequences = Array(repeating: nil, count: inputs.count)
    self.committed = position?.dense ?? Array(repeating: 0, count: inputs.count)
    self.applied = committed
    self.dead = position?.dead ?? []
    self.outbox = Outbox(stage: slot.stage, topology: topology, credit: credit)
  }

  /// What the next commit makes durable.
  package var position: Position { Position(dense: applied, dead: dead) }

  /// Batches that arrived and are not committed.
  package var bufferedCount: Int { entries.count }

  package mutating func peerCameUp(_ peer: Incarnation) -> [DeliveryAction] {
    var actions: [DeliveryAction] = []
    if peers.cameUp(peer, actions: &actions) { outbox.peerCameUp(peer, actions: &actions) }
    return actions
  }

  package mutating func peerWentDown(_ peer: Incarnation) -> [DeliveryAction] {
    peers.wentDown(peer)
    var actions: [DeliveryAction] = []
    outbox.peerWentDown(peer, actions: &actions)
    var orphans: [BatchID] = []
    for position in 0..<entries.count {
      entries[position: position].claimants.removeAll {
        $0.slot == peer.slot && $0.epoch <= peer.epoch
      }
      let entry = entries[position: position]
      if entry.claimants.isEmpty && !entry.isApplied {
        actions.append(.release(entry.content))
        orphans.append(entries.ids[position])
      }
    }
    for id in orphans { entries.remove(id) }
    return actions
  }

  /// Data came in. The caller has derived the branch for this edge; `lowWater` is the origin's as it
  /// has stored it, maybe stale: a higher one would have the counts of what it may send again forgotten.
  package mutating func batchArrived(
    _ id: BatchID, content: Content, records: UInt64, lowWater: UInt64, from sender: Incarnation
  ) throws(DeliveryViolation) -> [DeliveryAction] {
    if peers.isDead(sender) { return [.release(content)] }
    guard let input = inputs.firstIndex(where: { $0.origin == id.origin && $0.branch == id.branch })
    else { throw DeliveryViolation("batch \(id) came by a path that the plan does not have") }
    if committed[input] + 1 < lowWater {
      throw DeliveryViolation(
        "the sink knows sequences up to \(committed[input]), but its origin is done below \(lowWater): "
          + "the sink has lost its state")
    }
    dead.removeAll { $0.input == input && $0.sequence < lowWater }
    var actions: [DeliveryAction] = []
    peers.replyTaken(id, to: sender, actions: &actions)
    if id.sequence <= committed[input] {
      let known = dead.first { $0.input == input && $0.sequence == id.sequence }
      peers.replyDone(
        id, tally(records, filtered: known?.filtered ?? 0, dead: known?.records ?? 0), to: sender,
        actions: &actions)
      actions.append(.release(content))
    } else if let position = entries.index(of: id) {
      if !entries[position: position].claimants.contains(sender) {
        entries[position: position].claimants.append(sender)
      }
      actions.append(.release(content))
    } else {
      if id.sequence - committed[input] > window {
        throw DeliveryViolation("batch \(id) is beyond the window of \(window)")
      }
      entries.insert(
        Entry(input: input, content: content, records: records, claimants: [sender]), for: id)
    }
    return actions
  }

  /// An origin has read to its end, or drains: nothing above `last` will come from it.
  package mutating func originEnded(_ origin: SlotID, last: UInt64) {
    for index in inputs.indices where inputs[index].origin == origin { lastSequences[index] = last }
  }

  package mutating func flushOrdered() { isFlushOrdered = true }

  /// The batch whose turn it is, if it is here. The content stays the machine's until the commit.
  package var nextToApply: (id: BatchID, content: Content)? {
    // Letters hold the commit back, so more is not taken on than a commit may hold.
    if !outbox.entries.isEmpty && isGroupFull { return nil }
    if merges { return nextInput.flatMap(nextBatch(of:)) }
    var best: (id: BatchID, content: Content)?
    for input in inputs.indices {
      guard let found = nextBatch(of: input) else { continue }
      if best == nil || found.id.sequence < best!.id.sequence { best = found }
    }
    return best
  }

  private func nextBatch(of input: Int) -> (id: BatchID, content: Content)? {
    let id = BatchID(
      origin: inputs[input].origin, sequence: applied[input] + 1, branch: inputs[input].branch)
    guard let position = entries.index(of: id) else { return nil }
    return (id, entries[position: position].content)
  }

  /// The batch was written, though not yet committed. `letters` holds the `dead` records that were not.
  package mutating func batchApplied(
    _ id: BatchID, filtered: UInt64 = 0, dead count: UInt64 = 0, letters: Content? = nil
  ) -> [DeliveryAction] {
    guard let position = entries.index(of: id), !entries[position: position].isApplied
    else { preconditionFailure("a batch was applied that is not buffered") }
    entries[position: position].isApplied = true
    entries[position: position].dead = count
    entries[position: position].filtered = filtered
    entries[position: position].letters = letters
    let input = entries[position: position].input
    if count + filtered > 0 {
      dead.append(DeadCount(input: input, sequence: id.sequence, records: count, filtered: filtered))
    }
    applied[input] = id.sequence
    uncommittedCount += 1
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
  package var isCommitUrgent: Bool { mayCommit && (isGroupFull || isFlushOrdered || hasAppliedAll) }

  /// Half of the window waits for a commit.
  package var isGroupFull: Bool { UInt64(uncommittedCount) >= max(1, window / 2) }

  private var hasAppliedAll: Bool {
    inputs.indices.allSatisfy { index in lastSequences[index].map { applied[index] >= $0 } ?? false }
  }

  /// What was applied up to now is durable, together with ``position``.
  package mutating func groupCommitted() -> [DeliveryAction] {
    committed = applied
    uncommittedCount = 0
    var actions: [DeliveryAction] = []
    var finished: [BatchID] = []
    for position in 0..<entries.count where entries[position: position].isApplied {
      let entry = entries[position: position]
      for claimant in entry.claimants {
        peers.replyDone(
          entries.ids[position], tally(entry.records, filtered: entry.filtered, dead: entry.dead),
          to: claimant, actions: &actions)
      }
      actions.append(.release(entry.content))
      if let letters = entry.letters { actions.append(.release(letters)) }
      finished.append(entries.ids[position])
    }
    for id in finished { entries.remove(id) }
    return actions
  }

  /// Flushing was ordered and nothing is left to write.
  package var isFinished: Bool { isFlushOrdered && entries.isEmpty }

  /// The stream whose batch comes next: the lowest sequence, then plan order, without those that ended.
  private var nextInput: Int? {
    var best: Int?
    for index in inputs.indices {
      if let last = lastSequences[index], applied[index] >= last { continue }
      if best == nil || applied[index] < applied[best!] { best = index }
    }
    return best
  }

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
