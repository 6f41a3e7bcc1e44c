/// What reaches a slot that keeps its place: doubles told from news, and held until it is committed.
///
/// Where the slot merges, batches are applied by sequence, then in plan order of the streams, waiting for each:
/// what a parallel run makes of them is what a sequential one makes. It does where all that it reads comes from
/// sources; a stream from a stage with custody may owe nothing until that is flushed. Otherwise each stream keeps
/// its own order.
///
/// `Note` is what is to be remembered of an applied batch until the commit.
struct Intake<Note: Sendable>: Sendable {
  /// A batch that is held.
  struct Entry: Sendable {
    let input: Int
    let content: Content
    let records: UInt64
    /// Who is to be told that it is done.
    var claimants: [Incarnation]
    /// Set once it is applied.
    var note: Note?
  }

  enum Arrival { case isNew, isHeldAlready, isCommitted }

  /// The streams, in merge order.
  let inputs: [MergeInput]
  let window: UInt64
  private let merges: Bool
  /// The last sequence of each stream's origin, once announced.
  private var lastSequences: [UInt64?]
  /// The highest sequence applied per stream, and the highest committed.
  private(set) var applied: [UInt64]
  private(set) var committed: [UInt64]
  private var entries = BatchTable<Entry>()
  /// Batches that are applied and not committed.
  private(set) var uncommittedCount = 0

  init(of slot: SlotID, topology: Topology, resumingAt dense: [UInt64]?, window: UInt64?) {
    inputs = topology.mergeOrder(of: slot)
    self.window = window ?? (inputs.map { topology.window(ofOrigin: $0.origin.stage) }.max() ?? 1)
    merges =
      topology.stages[Int(slot.stage)].merges
      && inputs.allSatisfy { topology.stages[Int($0.origin.stage)].role == .source }
    lastSequences = Array(repeating: nil, count: inputs.count)
    committed = dense ?? Array(repeating: 0, count: inputs.count)
    applied = committed
  }

  var count: Int { entries.count }
  var isEmpty: Bool { entries.isEmpty }

  /// Half of the window waits for a commit.
  var isGroupFull: Bool { UInt64(uncommittedCount) >= max(1, window / 2) }

  var hasAppliedAll: Bool {
    inputs.indices.allSatisfy { index in lastSequences[index].map { applied[index] >= $0 } ?? false }
  }

  /// A neighbour died: what only it would send again is let go, unless it is applied.
  mutating func peerWentDown(_ peer: Incarnation, actions: inout [DeliveryAction]) {
    var orphans: [BatchID] = []
    for position in 0..<entries.count {
      entries[position: position].claimants.removeAll {
        $0.slot == peer.slot && $0.epoch <= peer.epoch
      }
      let entry = entries[position: position]
      if entry.claimants.isEmpty && entry.note == nil {
        actions.append(.release(entry.content))
        orphans.append(entries.ids[position])
      }
    }
    for id in orphans { entries.remove(id) }
  }

  /// Data came in: which stream it is of, and whether it is held from here on. `lowWater` is the origin's as it
  /// has stored it, maybe stale.
  mutating func batchArrived(
    _ id: BatchID, content: Content, records: UInt64, lowWater: UInt64, from sender: Incarnation
  ) throws(DeliveryViolation) -> (input: Int, arrival: Arrival) {
    guard let input = inputs.firstIndex(where: { $0.origin == id.origin && $0.branch == id.branch })
    else { throw DeliveryViolation("batch \(id) came by a path that the plan does not have") }
    if committed[input] + 1 < lowWater {
      throw DeliveryViolation(
        "sequences up to \(committed[input]) are known here, but their origin is done below \(lowWater): "
          + "the stage has lost its state")
    }
    if id.sequence <= committed[input] { return (input, .isCommitted) }
    if let position = entries.index(of: id) {
      if !entries[position: position].claimants.contains(sender) {
        entries[position: position].claimants.append(sender)
      }
      return (input, .isHeldAlready)
    }
    if id.sequence - committed[input] > window {
      throw DeliveryViolation("batch \(id) is beyond the window of \(window)")
    }
    entries.insert(Entry(input: input, content: content, records: records, claimants: [sender]), for: id)
    return (input, .isNew)
  }

  /// An origin has read to its end, or drains: nothing above `last` will come from it.
  mutating func originEnded(_ origin: SlotID, last: UInt64) {
    for index in inputs.indices where inputs[index].origin == origin { lastSequences[index] = last }
  }

  /// The batch whose turn it is, if it is here. The content stays held until the commit.
  var next: (id: BatchID, content: Content)? {
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

  /// The stream whose batch comes next: the lowest sequence, then plan order, without those that ended.
  private var nextInput: Int? {
    var best: Int?
    for index in inputs.indices {
      if let last = lastSequences[index], applied[index] >= last { continue }
      if best == nil || applied[index] < applied[best!] { best = index }
    }
    return best
  }

  /// Notes that a batch was applied; returns which stream it is of.
  mutating func batchApplied(_ id: BatchID, _ note: Note) -> Int {
    guard let position = entries.index(of: id), entries[position: position].note == nil
    else { preconditionFailure("a batch was applied that is not held") }
    entries[position: position].note = note
    let input = entries[position: position].input
    applied[input] = id.sequence
    uncommittedCount += 1
    return input
  }

  /// What was applied up to now is durable: returns it, in the order of identity, and holds it no longer.
  mutating func commit() -> [(id: BatchID, entry: Entry)] {
    committed = applied
    uncommittedCount = 0
    var finished: [(id: BatchID, entry: Entry)] = []
    for position in 0..<entries.count where entries[position: position].note != nil {
      finished.append((entries.ids[position], entries[position: position]))
    }
    for (id, _) in finished { entries.remove(id) }
    return finished
  }
}
