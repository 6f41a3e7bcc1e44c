import Delivery

/// What a bystander knows of a worker from its messages alone: who claims what, and the credit given out.
///
/// Kept beside the machine, so that the machine's own books can be checked.
struct Books {
  private var claims: [(id: BatchID, senders: [Incarnation])] = []
  private var dead: [Incarnation] = []
  /// Messages sent less those taken, per receiver.
  private(set) var outstanding: [(peer: Incarnation, count: Int)] = []

  var claimedCount: Int { claims.count }

  func isClaimed(_ id: BatchID) -> Bool { claims.contains { $0.id == id } }

  /// Batches of one stream that are claimed; below `sequence` only an answer is owed, to a sender that is
  /// not announced yet.
  func claimedCount(of input: MergeInput, above sequence: UInt64) -> Int {
    claims.count { (id, _) in
      id.sequence > sequence && id.origin == input.origin && id.branch == input.branch
    }
  }

  mutating func note(_ input: Input) {
    switch input {
    case .data(let id, _, _, _, let sender):
      if dead.contains(where: { $0.slot == sender.slot && $0.epoch >= sender.epoch }) { return }
      if let index = claims.firstIndex(where: { $0.id == id }) {
        if !claims[index].senders.contains(sender) { claims[index].senders.append(sender) }
      } else {
        claims.append((id, [sender]))
      }
    case .peerDown(let peer):
      dead.removeAll { $0.slot == peer.slot && $0.epoch <= peer.epoch }
      dead.append(peer)
      for index in claims.indices {
        claims[index].senders.removeAll { $0.slot == peer.slot && $0.epoch <= peer.epoch }
      }
      claims.removeAll { $0.senders.isEmpty }
      outstanding.removeAll { $0.peer.slot == peer.slot && $0.peer.epoch <= peer.epoch }
    case .taken(_, let sender):
      if let index = outstanding.firstIndex(where: { $0.peer == sender }) { outstanding[index].count -= 1 }
    default: break
    }
  }

  /// One sender was answered for the batch. An answer that had to wait may come when others claim it anew.
  mutating func forget(_ id: BatchID, from sender: Incarnation) {
    guard let index = claims.firstIndex(where: { $0.id == id }) else { return }
    claims[index].senders.removeAll { $0 == sender }
    if claims[index].senders.isEmpty { claims.remove(at: index) }
  }

  mutating func sent(to receiver: Incarnation) {
    if let index = outstanding.firstIndex(where: { $0.peer == receiver }) {
      outstanding[index].count += 1
    } else {
      outstanding.append((receiver, 1))
    }
  }
}
