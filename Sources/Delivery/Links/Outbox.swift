/// What a worker sent, or is about to send, and has not been told to be done.
///
/// A batch stays here until `done`, assigned to the incarnation that has it. When that one dies it becomes
/// unassigned and goes to another, the lowest identity first; a part of a divided batch waits for the next
/// incarnation of its slot. Credit is counted per incarnation and apart from the entries: tied to them it
/// leaks when an entry is done before it is taken.
package struct Outbox: Sendable {
  package struct Entry: Sendable {
    package var content: Content
    /// The stage that must receive it.
    package var stage: UInt16
    /// The slot that must, where the stage's input is divided.
    package var part: UInt16?
    /// The batch that this was made of; its ledger entry owns the content.
    package var parent: BatchID
    package var assigned: Incarnation?
  }

  private struct Link: Sendable {
    var peer: Incarnation
    var credit: Int
    /// It is to leave, and gets nothing new.
    var isRetiring = false
  }

  package let creditLimit: Int
  private let stage: UInt16
  private let topology: Topology
  package private(set) var entries = BatchTable<Entry>()
  private var unassigned = 0
  /// Live workers below, sorted by slot.
  private var links: [Link] = []
  /// Incarnations that were told to leave before they were announced here.
  private var retiring: [Incarnation] = []

  package init(stage: UInt16, topology: Topology, credit: Int) {
    self.stage = stage
    self.topology = topology
    self.creditLimit = credit
  }

  /// Whether something waits for credit, or for a receiver that lives.
  package var isBlocked: Bool { unassigned > 0 }

  /// Takes in what a batch became. Returns how many answers the parent now waits for.
  package mutating func add(_ output: Output, parent: BatchID, actions: inout [DeliveryAction]) -> Int {
    let before = entries.count
    var keyed = 0
    for next in topology.stages[Int(stage)].downstream {
      let receiver = topology.stages[Int(next)]
      switch receiver.input {
      case .balanced: insert(output.whole!, for: next, part: nil, parent: parent)
      case .spread:
        let turn = UInt16(parent.sequence % UInt64(receiver.slots))
        for slot in topology.slots(of: next) {
          insert(
            slot.index == turn ? output.whole! : output.empty!, for: next, part: slot.index, parent: parent)
        }
      case .keyed:
        for slot in topology.slots(of: next) {
          insert(output.parts[keyed + Int(slot.index)], for: next, part: slot.index, parent: parent)
        }
        keyed += receiver.slots
      }
    }
    if let letters = output.letters, let keeper = topology.letterStage(of: stage) {
      insert(letters, for: keeper, part: nil, parent: parent)
    }
    pump(&actions)
    return entries.count - before
  }

  private mutating func insert(_ content: Content, for next: UInt16, part: UInt16?, parent: BatchID) {
    entries.insert(
      Entry(content: content, stage: next, part: part, parent: parent, assigned: nil),
      for: parent.crossing(from: stage, to: next, part: part ?? 0))
    unassigned += 1
  }

  package mutating func peerCameUp(_ peer: Incarnation, actions: inout [DeliveryAction]) {
    guard isBelow(peer.slot.stage) else { return }
    links.removeAll { $0.peer.slot == peer.slot }
    let index = links.firstIndex { peer < $0.peer } ?? links.count
    links.insert(Link(peer: peer, credit: creditLimit, isRetiring: retiring.contains(peer)), at: index)
    pump(&actions)
  }

  package mutating func peerWentDown(_ peer: Incarnation, actions: inout [DeliveryAction]) {
    links.removeAll { $0.peer.slot == peer.slot && $0.peer.epoch <= peer.epoch }
    retiring.removeAll { $0.slot == peer.slot && $0.epoch <= peer.epoch }
    for position in 0..<entries.count {
      guard let assigned = entries[position: position].assigned else { continue }
      if assigned.slot == peer.slot && assigned.epoch <= peer.epoch {
        entries[position: position].assigned = nil
        unassigned += 1
      }
    }
    pump(&actions)
  }

  /// An incarnation below is to leave once it has finished what it has. Told by epoch: its slot may live
  /// again.
  package mutating func peerRetires(_ peer: Incarnation) {
    guard isBelow(peer.slot.stage) else { return }
    retiring.append(peer)
    if let index = links.firstIndex(where: { $0.peer == peer }) { links[index].isRetiring = true }
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
    var ids: [BatchID] = []
    for position in 0..<entries.count where entries[position: position].parent == parent {
      ids.append(entries.ids[position])
    }
    for id in ids { _ = done(id) }
  }

  /// Sends what has no receiver yet: a part to its slot, anything else to whichever live worker of its stage
  /// has the most free credit.
  private mutating func pump(_ actions: inout [DeliveryAction]) {
    if unassigned == 0 || !links.contains(where: { $0.credit > 0 }) { return }
    for position in 0..<entries.count where entries[position: position].assigned == nil {
      guard let link = receiver(of: entries[position: position]) else { continue }
      links[link].credit -= 1
      entries[position: position].assigned = links[link].peer
      unassigned -= 1
      actions.append(
        .send(entries[position: position].content, entries.ids[position], to: links[link].peer))
      if unassigned == 0 { return }
    }
  }

  private func receiver(of entry: Entry) -> Int? {
    var best: Int?
    for index in links.indices where links[index].peer.slot.stage == entry.stage && links[index].credit > 0 {
      if let part = entry.part {
        if links[index].peer.slot.index == part { return index }
      } else if !links[index].isRetiring && (best == nil || links[index].credit > links[best!].credit) {
        best = index
      }
    }
    return best
  }

  private func isBelow(_ other: UInt16) -> Bool {
    topology.stages[Int(stage)].downstream.contains(other) || topology.letterStage(of: stage) == other
  }
}
