/// What a worker sent, or is about to send, and has not been told to be done.
///
/// A batch stays here until `done`, assigned to the incarnation that has it. When that one dies it becomes
/// unassigned and goes to another, the lowest identity first. Credit is counted per incarnation and apart
/// from the entries: tied to them it leaks when an entry is done before it is taken.
package struct Outbox: Sendable {
  package struct Entry: Sendable {
    package var content: Content
    /// The stage that must receive it.
    package var stage: UInt16
    /// The batch that this was made of; its ledger entry owns the content.
    package var parent: BatchID
    package var assigned: Incarnation?
  }

  private struct Link: Sendable {
    var peer: Incarnation
    var credit: Int
  }

  /// The stages below, ascending; every batch goes to one worker of each.
  package let stages: [UInt16]
  package let creditLimit: Int
  private let stage: UInt16
  package private(set) var entries = BatchTable<Entry>()
  private var unassigned = 0
  /// Live workers below, sorted by slot.
  private var links: [Link] = []

  package init(stage: UInt16, downstream: [UInt16], credit: Int) {
    self.stage = stage
    self.stages = downstream
    self.creditLimit = credit
  }

  /// Takes in one output for each stage below. Returns how many answers the parent now waits for.
  package mutating func add(_ content: Content, parent: BatchID, actions: inout [DeliveryAction]) -> Int {
    for next in stages {
      entries.insert(
        Entry(content: content, stage: next, parent: parent, assigned: nil),
        for: parent.crossing(from: stage, to: next))
    }
    unassigned += stages.count
    pump(&actions)
    return stages.count
  }

  package mutating func peerCameUp(_ peer: Incarnation, actions: inout [DeliveryAction]) {
    guard stages.contains(peer.slot.stage) else { return }
    links.removeAll { $0.peer.slot == peer.slot }
    let index = links.firstIndex { peer < $0.peer } ?? links.count
    links.insert(Link(peer: peer, credit: creditLimit), at: index)
    pump(&actions)
  }

  package mutating func peerWentDown(_ peer: Incarnation, actions: inout [DeliveryAction]) {
    links.removeAll { $0.peer.slot == peer.slot && $0.peer.epoch <= peer.epoch }
    for position in 0..<entries.count {
      guard let assigned = entries[position: position].assigned else { continue }
      if assigned.slot == peer.slot && assigned.epoch <= peer.epoch {
        entries[position: position].assigned = nil
        unassigned += 1
      }
    }
    pump(&actions)
  }

  /// A worker below returned credit.
  package mutating func taken(
    by peer: Incarnation, actions: inout [DeliveryAction]
  ) throws(DeliveryViolation) {
    guard let index = links.firstIndex(where: { $0.peer == peer }) else { return }
    links[index].credit += 1
    if links[index].credit > creditLimit {
      throw DeliveryViolation("\(peer) returned more credit than it was given")
    }
    pump(&actions)
  }

  /// Everything derived from an output is done. Returns its parent, or nil if that is known already.
  package mutating func done(_ id: BatchID) -> BatchID? {
    guard let entry = entries.remove(id) else { return nil }
    if entry.assigned == nil { unassigned -= 1 }
    return entry.parent
  }

  /// Forgets all outputs of a batch that nobody claims any more.
  package mutating func forget(parent: BatchID) {
    for next in stages {
      if let entry = entries.remove(parent.crossing(from: stage, to: next)), entry.assigned == nil {
        unassigned -= 1
      }
    }
  }

  /// Sends what has no receiver yet to whichever live worker of its stage has the most free credit.
  private mutating func pump(_ actions: inout [DeliveryAction]) {
    if unassigned == 0 || !links.contains(where: { $0.credit > 0 }) { return }
    for position in 0..<entries.count where entries[position: position].assigned == nil {
      guard let link = freest(in: entries[position: position].stage) else { continue }
      links[link].credit -= 1
      entries[position: position].assigned = links[link].peer
      unassigned -= 1
      actions.append(
        .send(entries[position: position].content, entries.ids[position], to: links[link].peer))
      if unassigned == 0 { return }
    }
  }

  private func freest(in stage: UInt16) -> Int? {
    var best: Int?
    for index in links.indices where links[index].peer.slot.stage == stage && links[index].credit > 0 {
      if best == nil || links[index].credit > links[best!].credit { best = index }
    }
    return best
  }
}
