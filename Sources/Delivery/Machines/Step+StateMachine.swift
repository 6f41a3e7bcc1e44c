/// The delivery side of a stateless worker: each batch in gives one batch out with the same identity.
///
/// It answers `taken` when it starts on a batch, which returns the credit, and `done` when everything
/// derived from the batch is done below. The same batch may come from two senders, so an entry keeps the
/// set of those who claim it, and all are answered.
package struct StepStateMachine: Sendable {
  private enum State: Sendable {
    /// Waits for its turn; owns the input.
    case queued(Content, from: Incarnation)
    /// Being worked on; owns the input.
    case inHand(Content)
    /// Its output is below; owns the output.
    case sent(Output, waitingFor: Int)
  }

  private struct Entry: Sendable {
    var state: State
    var claimants: [Incarnation]
    var tally: Tally
  }

  package let slot: SlotID
  private var peers = Peers()
  private var outbox: Outbox
  private var ledger = BatchTable<Entry>()
  package private(set) var queuedCount = 0

  package init(slot: SlotID, topology: Topology, credit: Int = Topology.credit) {
    self.slot = slot
    self.outbox = Outbox(
      stage: slot.stage, topology: topology, credit: credit)
  }

  /// Batches that this worker is still answerable for.
  package var entryCount: Int { ledger.count }

  /// Whether something that it made has no receiver yet.
  package var isBlocked: Bool { outbox.isBlocked }

  package mutating func peerCameUp(_ peer: Incarnation) -> [DeliveryAction] {
    var actions: [DeliveryAction] = []
    if peers.cameUp(peer, actions: &actions) { outbox.peerCameUp(peer, actions: &actions) }
    return actions
  }

  package mutating func peerWentDown(_ peer: Incarnation) -> [DeliveryAction] {
    var actions: [DeliveryAction] = []
    peers.wentDown(peer)
    dropClaims(of: peer, actions: &actions)
    outbox.peerWentDown(peer, actions: &actions)
    return actions
  }

  /// Data came in. The caller has derived the branch for this edge.
  package mutating func batchArrived(
    _ id: BatchID, content: Content, from sender: Incarnation
  ) -> [DeliveryAction] {
    if peers.isDead(sender) { return [.release(content)] }
    var actions: [DeliveryAction] = []
    if let position = ledger.index(of: id) {
      if !ledger[position: position].claimants.contains(sender) {
        ledger[position: position].claimants.append(sender)
      }
      peers.replyTaken(id, to: sender, actions: &actions)
      actions.append(.release(content))
    } else {
      ledger.insert(
        Entry(state: .queued(content, from: sender), claimants: [sender], tally: Tally()), for: id)
      queuedCount += 1
    }
    return actions
  }

  /// Takes the lowest waiting batch in hand. The content stays the machine's until ``batchProcessed``.
  package mutating func startNext(
    actions: inout [DeliveryAction]
  ) -> (id: BatchID, content: Content)? {
    if queuedCount == 0 { return nil }
    for position in 0..<ledger.count {
      guard case .queued(let content, let sender) = ledger[position: position].state else { continue }
      let id = ledger.ids[position]
      ledger[position: position].state = .inHand(content)
      queuedCount -= 1
      peers.replyTaken(id, to: sender, actions: &actions)
      return (id, content)
    }
    return nil
  }

  /// The batch in hand became `output`.
  package mutating func batchProcessed(
    _ id: BatchID, output: Output, count: StageCount
  ) -> [DeliveryAction] {
    guard let position = ledger.index(of: id), case .inHand(let input) = ledger[position: position].state
    else { preconditionFailure("a batch was finished that is not in hand") }
    var actions: [DeliveryAction] = []
    ledger[position: position].tally = Tally(count)
    let waitingFor = outbox.add(output, parent: id, actions: &actions)
    ledger[position: position].state = .sent(output, waitingFor: waitingFor)
    actions.append(.release(input))
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
    guard let parent = outbox.done(id), let position = ledger.index(of: parent),
      case .sent(let output, let waitingFor) = ledger[position: position].state
    else { return [] }
    ledger[position: position].tally.add(tally)
    if waitingFor > 1 {
      ledger[position: position].state = .sent(output, waitingFor: waitingFor - 1)
      return []
    }
    var actions: [DeliveryAction] = []
    let entry = ledger[position: position]
    for claimant in entry.claimants {
      peers.replyDone(parent, entry.tally, to: claimant, actions: &actions)
    }
    ledger.remove(parent)
    output.release(&actions)
    return actions
  }

  /// Nobody waits any more for what only the dead claimed. What is in hand is finished all the same.
  private mutating func dropClaims(of peer: Incarnation, actions: inout [DeliveryAction]) {
    var orphans: [BatchID] = []
    for position in 0..<ledger.count {
      ledger[position: position].claimants.removeAll {
        $0.slot == peer.slot && $0.epoch <= peer.epoch
      }
      if !ledger[position: position].claimants.isEmpty { continue }
      switch ledger[position: position].state {
      case .queued(let content, _):
        queuedCount -= 1
        actions.append(.release(content))
        orphans.append(ledger.ids[position])
      case .inHand:
        break
      case .sent(let output, _):
        outbox.forget(parent: ledger.ids[position])
        output.release(&actions)
        orphans.append(ledger.ids[position])
      }
    }
    for id in orphans { ledger.remove(id) }
  }
}
