/// The delivery side of an ordered, deduplicating sink.
///
/// It knows every stream that reaches it and applies batches by sequence, then in plan order of the
/// streams, waiting for each: the output of a parallel run is that of a sequential one. `taken` is answered
/// on arrival (a later sequence must not hold the credit that an earlier one needs), `done` only for what
/// is committed.
package struct SinkStateMachine: Sendable {
  /// What a sink commits together with its data: the highest dense sequence per stream, in merge order.
  package struct Position: Hashable, Sendable {
    package var dense: [UInt64]

    package init(dense: [UInt64]) { self.dense = dense }
  }

  private struct Entry: Sendable {
    var input: Int
    var content: Content
    var records: UInt64
    var claimants: [Incarnation]
    var isApplied = false
  }

  package let slot: SlotID
  package let inputs: [MergeInput]
  private let window: UInt64
  /// The last sequence of each stream's origin, once announced.
  private var lastSequences: [UInt64?]
  private var applied: [UInt64]
  private var committed: [UInt64]
  private var entries = BatchTable<Entry>()
  package private(set) var uncommittedCount = 0
  private var peers = Peers()
  private var isFlushOrdered = false

  package init(slot: SlotID, topology: Topology, resumingAt position: Position? = nil, window: UInt64? = nil)
  {
    self.slot = slot
    self.inputs = topology.mergeOrder(ofSink: slot.stage)
    self.window = window ?? (inputs.map { topology.window(ofOrigin: $0.origin.stage) }.max() ?? 1)
    self.lastSequences = Array(repeating: nil, count: inputs.count)
    self.committed = position?.dense ?? Array(repeating: 0, count: inputs.count)
    self.applied = committed
  }

  /// What the next commit makes durable.
  package var position: Position { Position(dense: applied) }

  /// Batches that arrived and are not committed.
  package var bufferedCount: Int { entries.count }

  package mutating func peerCameUp(_ peer: Incarnation) -> [DeliveryAction] {
    var actions: [DeliveryAction] = []
    _ = peers.cameUp(peer, actions: &actions)
    return actions
  }

  package mutating func peerWentDown(_ peer: Incarnation) -> [DeliveryAction] {
    peers.wentDown(peer)
    var actions: [DeliveryAction] = []
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

  /// Data came in. The caller has derived the branch for this edge; `lowWater` is the origin's, maybe stale.
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
    var actions: [DeliveryAction] = []
    peers.replyTaken(id, to: sender, actions: &actions)
    if id.sequence <= committed[input] {
      peers.replyDone(id, tally(records), to: sender, actions: &actions)
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
    guard let input = nextInput else { return nil }
    let id = BatchID(
      origin: inputs[input].origin, sequence: applied[input] + 1, branch: inputs[input].branch)
    guard let position = entries.index(of: id) else { return nil }
    return (id, entries[position: position].content)
  }

  /// The batch was written, though not yet committed.
  package mutating func batchApplied(_ id: BatchID) {
    guard let position = entries.index(of: id), !entries[position: position].isApplied
    else { preconditionFailure("a batch was applied that is not buffered") }
    entries[position: position].isApplied = true
    applied[entries[position: position].input] = id.sequence
    uncommittedCount += 1
  }

  /// A group is committed when nothing else can be applied, or when half of the window waits for it.
  package var shouldCommit: Bool {
    uncommittedCount > 0 && (nextToApply == nil || UInt64(uncommittedCount) >= max(1, window / 2))
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
        peers.replyDone(entries.ids[position], tally(entry.records), to: claimant, actions: &actions)
      }
      actions.append(.release(entry.content))
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

  private func tally(_ records: UInt64) -> Tally {
    Tally(StageCount(stage: slot.stage, recordsIn: records, recordsOut: records))
  }
}
