/// The delivery side of a worker that numbers batches: a source.
///
/// `Mark` is where the input stood after a batch (a file and an offset). The durable position is the
/// low-water mark of `done` with its mark, never of what was sent: a restarted source cuts again, with the
/// same numbers, everything that was in flight.
package struct OriginStateMachine<Mark: Sendable>: Sendable {
  /// What a source must keep to go on after its death.
  package struct Position: Sendable {
    /// The lowest sequence that is not known to be done.
    package var low: UInt64
    /// Where that sequence begins in the input.
    package var mark: Mark
    /// The counts of all sequences below `low`.
    package var tally: Tally

    package init(low: UInt64, mark: Mark, tally: Tally) {
      self.low = low
      self.mark = mark
      self.tally = tally
    }
  }

  private struct Sent: Sendable {
    var output: Output
    var bytes: Int
    var endMark: Mark
    var waitingFor: Int
    var tally: Tally
    /// Done, but a lower sequence is not.
    var isDone = false
  }

  package let slot: SlotID
  /// The most sequences in flight, as a span from the low-water mark.
  package let window: UInt64
  package let windowBytes: Int
  package private(set) var position: Position
  package private(set) var next: UInt64
  /// Nothing more will be cut: the input was read to its end.
  package private(set) var hasEnded = false
  /// Where the pipeline drains: the last sequence to cut, 0 until it is known.
  private var drainLimit: UInt64?
  private var isDrainLimitKnown = false
  private var sent: [Sent] = []
  private var bytesInFlight = 0
  private var peers = Peers()
  private var outbox: Outbox

  package init(
    slot: SlotID, topology: Topology, windowBytes: Int, resumingAt position: Position,
    window: UInt64? = nil, credit: Int = Topology.credit
  ) {
    self.slot = slot
    self.window = window ?? topology.window(ofOrigin: slot.stage)
    self.windowBytes = windowBytes
    self.position = position
    self.next = position.low
    self.outbox = Outbox(
      stage: slot.stage, topology: topology, credit: credit)
  }

  /// Whether the window has room for another batch. One is always allowed, however large.
  package var mayCut: Bool {
    !hasEnded && next <= drainLimit ?? .max && next - position.low < window
      && (sent.isEmpty || bytesInFlight < windowBytes)
  }

  /// All that was cut is done and the input was read to its end.
  package var isComplete: Bool { hasEnded && position.low == next }

  /// All that a drain wants is cut and done, though the input may go on.
  package var isDrained: Bool {
    isDrainLimitKnown && next > drainLimit ?? .max && position.low == next
  }

  /// The last sequence that was or will be sent, known once the input has ended.
  package var lastSequence: UInt64? { hasEnded ? next - 1 : nil }

  package var batchesInFlight: Int { sent.count - sent.count { $0.isDone } }

  /// A batch was cut. `count` is the origin's own: records that it could not take are dead letters.
  package mutating func batchCut(
    _ output: Output, bytes: Int, count: StageCount, endMark: Mark
  ) -> [DeliveryAction] {
    precondition(mayCut, "a batch was cut although the window is full")
    var actions: [DeliveryAction] = []
    let id = BatchID(origin: slot, sequence: next, branch: .root)
    next += 1
    bytesInFlight += bytes
    sent.append(Sent(output: output, bytes: bytes, endMark: endMark, waitingFor: 0, tally: Tally(count)))
    sent[sent.count - 1].waitingFor = outbox.add(output, parent: id, actions: &actions)
    return actions
  }

  /// The input was read to its end.
  package mutating func inputEnded() { hasEnded = true }

  /// The pipeline is to stop: nothing is cut until ``drainOrdered(upTo:)`` says how far. Returns the last
  /// sequence that was cut, which the supervisor must know.
  ///
  /// A sink that merges applies a batch only when the other sources have come as far. So the supervisor asks all
  /// sources that have batches in flight, an ended one too, and orders them to cut up to the highest answer,
  /// or their end. It repeats both orders to new incarnations before they hear of any peer.
  package mutating func drainOrdered() -> UInt64 {
    if drainLimit == nil { drainLimit = 0 }
    return next - 1
  }

  /// How far to go before the pipeline stops.
  package mutating func drainOrdered(upTo last: UInt64) {
    drainLimit = last
    isDrainLimitKnown = true
  }

  package mutating func peerCameUp(_ peer: Incarnation) -> [DeliveryAction] {
    var actions: [DeliveryAction] = []
    if peers.cameUp(peer, actions: &actions) { outbox.peerCameUp(peer, actions: &actions) }
    return actions
  }

  package mutating func peerWentDown(_ peer: Incarnation) -> [DeliveryAction] {
    var actions: [DeliveryAction] = []
    peers.wentDown(peer)
    outbox.peerWentDown(peer, actions: &actions)
    return actions
  }

  package mutating func peerRetires(_ peer: Incarnation) { outbox.peerRetires(peer) }

  package mutating func takenArrived(
    _ id: BatchID, from peer: Incarnation
  ) throws(DeliveryViolation) -> [DeliveryAction] {
    var actions: [DeliveryAction] = []
    try outbox.taken(by: peer, actions: &actions)
    return actions
  }

  /// A batch is done below. Accepted from the dead too: it is a durable fact.
  package mutating func doneArrived(_ id: BatchID, tally: Tally) -> [DeliveryAction] {
    guard let parent = outbox.done(id) else { return [] }
    let index = Int(parent.sequence - position.low)
    sent[index].tally.add(tally)
    sent[index].waitingFor -= 1
    if sent[index].waitingFor > 0 { return [] }
    sent[index].isDone = true
    bytesInFlight -= sent[index].bytes
    var actions: [DeliveryAction] = []
    sent[index].output.release(&actions)
    while let first = sent.first, first.isDone {
      position.low += 1
      position.mark = first.endMark
      position.tally.add(first.tally)
      sent.removeFirst()
    }
    return actions
  }
}
