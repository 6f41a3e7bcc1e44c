/// The delivery side of the stage that keeps dead letters: an unordered store with a unique key.
///
/// A batch that comes twice is stored twice under the same keys, which changes nothing; so nothing needs to
/// be remembered of it. `taken` is answered on arrival, `done` once it is committed.
package struct DeadLetterStateMachine: Sendable {
  private struct Arrival: Sendable {
    var id: BatchID
    var content: Content
    var records: UInt64
    var sender: Incarnation
  }

  package let slot: SlotID
  private var peers = Peers()
  private var waiting: [Arrival] = []
  private var storedCount = 0
  private var isFlushOrdered = false

  package init(slot: SlotID) { self.slot = slot }

  package mutating func peerCameUp(_ peer: Incarnation) -> [DeliveryAction] {
    var actions: [DeliveryAction] = []
    _ = peers.cameUp(peer, actions: &actions)
    return actions
  }

  /// What the dead sent is stored all the same: it may be in a commit already.
  package mutating func peerWentDown(_ peer: Incarnation) { peers.wentDown(peer) }

  package mutating func batchArrived(
    _ id: BatchID, content: Content, records: UInt64, from sender: Incarnation
  ) -> [DeliveryAction] {
    if peers.isDead(sender) { return [.release(content)] }
    var actions: [DeliveryAction] = []
    peers.replyTaken(id, to: sender, actions: &actions)
    waiting.append(Arrival(id: id, content: content, records: records, sender: sender))
    return actions
  }

  package mutating func flushOrdered() { isFlushOrdered = true }

  /// The next letters to store in the transaction that is open.
  package var nextToStore: (id: BatchID, content: Content)? {
    storedCount < waiting.count ? (waiting[storedCount].id, waiting[storedCount].content) : nil
  }

  package mutating func lettersStored() { storedCount += 1 }

  /// Batches that arrived and are not committed.
  package var bufferedCount: Int { waiting.count }

  /// Everything that came is stored.
  package var shouldCommit: Bool { storedCount > 0 && storedCount == waiting.count }

  package mutating func groupCommitted() -> [DeliveryAction] {
    var actions: [DeliveryAction] = []
    for arrival in waiting[..<storedCount] {
      let count = StageCount(
        stage: slot.stage, recordsIn: arrival.records, recordsOut: arrival.records)
      peers.replyDone(arrival.id, Tally(count), to: arrival.sender, actions: &actions)
      actions.append(.release(arrival.content))
    }
    waiting.removeFirst(storedCount)
    storedCount = 0
    return actions
  }

  package var isFinished: Bool { isFlushOrdered && waiting.isEmpty }
}
