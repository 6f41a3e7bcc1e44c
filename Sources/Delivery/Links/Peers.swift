/// Who lives among the neighbours, who is known to be dead, and the replies that wait for an announcement.
///
/// A message may overtake the supervisor's word that its sender exists. Such data is accepted and the
/// replies are parked until the peer is announced: dropping it left pipelines hanging in the simulator.
package struct Peers: Sendable {
  private enum Reply: Sendable {
    case taken(BatchID)
    case done(BatchID, Tally)
  }

  /// Live peers, sorted by slot, each slot at most once.
  package private(set) var live: [Incarnation] = []
  /// The highest dead epoch per slot, sorted by slot.
  private var dead: [Incarnation] = []
  private var parked: [(to: Incarnation, reply: Reply)] = []

  package init() {}

  /// Whether this incarnation, or a later one of its slot, is known to have died.
  package func isDead(_ peer: Incarnation) -> Bool {
    dead.contains { $0.slot == peer.slot && $0.epoch >= peer.epoch }
  }

  package func isLive(_ peer: Incarnation) -> Bool { live.contains(peer) }

  /// Notes an announced peer. False if that changes nothing: it is known already, or dead.
  package mutating func cameUp(_ peer: Incarnation, actions: inout [DeliveryAction]) -> Bool {
    if isDead(peer) || isLive(peer) { return false }
    live.removeAll { $0.slot == peer.slot }
    live.append(peer)
    live.sort()
    for waiting in parked where waiting.to == peer {
      actions.append(Self.action(waiting.reply, to: peer))
    }
    parked.removeAll { $0.to == peer }
    return true
  }

  /// Notes a death: nothing that this incarnation, or an earlier one of its slot, is still owed is kept.
  package mutating func wentDown(_ peer: Incarnation) {
    if let index = dead.firstIndex(where: { $0.slot == peer.slot }) {
      dead[index].epoch = max(dead[index].epoch, peer.epoch)
    } else {
      dead.append(peer)
      dead.sort()
    }
    live.removeAll { $0.slot == peer.slot && $0.epoch <= peer.epoch }
    parked.removeAll { $0.to.slot == peer.slot && $0.to.epoch <= peer.epoch }
  }

  package mutating func replyTaken(_ id: BatchID, to peer: Incarnation, actions: inout [DeliveryAction]) {
    reply(.taken(id), to: peer, actions: &actions)
  }

  package mutating func replyDone(
    _ id: BatchID, _ tally: Tally, to peer: Incarnation, actions: inout [DeliveryAction]
  ) {
    reply(.done(id, tally), to: peer, actions: &actions)
  }

  private mutating func reply(_ reply: Reply, to peer: Incarnation, actions: inout [DeliveryAction]) {
    if isDead(peer) { return }
    if isLive(peer) {
      actions.append(Self.action(reply, to: peer))
    } else {
      parked.append((peer, reply))
    }
  }

  private static func action(_ reply: Reply, to peer: Incarnation) -> DeliveryAction {
    switch reply {
    case .taken(let id): .sendTaken(id, to: peer)
    case .done(let id, let tally): .sendDone(id, tally, to: peer)
    }
  }
}
