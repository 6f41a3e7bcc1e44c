import Delivery

/// What a receiver remembers of one batch: who sent it first or last.
private typealias Claim = (id: BatchID, sender: Incarnation)

/// Hides every sender but the first from the machine.
final class FirstClaimantOnly: Saboteur {
  private var first: [Claim] = []

  func handle(_ input: Input, machine: (Input) throws -> [DeliveryAction]) throws -> [DeliveryAction] {
    switch input {
    case .data(let id, let content, _, _, let sender):
      if first.contains(where: { $0.id == id }) {
        return [.sendTaken(id, to: sender), .release(content)]
      }
      first.append((id, sender))
    case .peerDown(let peer):
      first.removeAll { $0.sender.slot == peer.slot && $0.sender.epoch <= peer.epoch }
    default: break
    }
    let actions = try machine(input)
    for case .sendDone(let id, _, _) in actions { first.removeAll { $0.id == id } }
    return actions
  }
}

/// Answers `done` only to the sender that came last, as long as it lives.
final class LastClaimantOnly: Saboteur {
  private var last: [Claim] = []

  func handle(_ input: Input, machine: (Input) throws -> [DeliveryAction]) throws -> [DeliveryAction] {
    switch input {
    case .data(let id, _, _, _, let sender):
      last.removeAll { $0.id == id }
      last.append((id, sender))
    case .peerDown(let peer):
      last.removeAll { $0.sender.slot == peer.slot && $0.sender.epoch <= peer.epoch }
    default: break
    }
    let actions = try machine(input)
    let kept = actions.filter { action in
      guard case .sendDone(let id, _, let receiver) = action else { return true }
      return last.allSatisfy { $0.id != id || $0.sender == receiver }
    }
    for case .sendDone(let id, _, _) in actions { last.removeAll { $0.id == id } }
    return kept
  }
}

/// Answers `done` at once for what was buffered already when it came again.
final class DoneForBuffered: Saboteur {
  private let stage: UInt16
  private var buffered: [BatchID] = []

  init(stage: UInt16) { self.stage = stage }

  func handle(_ input: Input, machine: (Input) throws -> [DeliveryAction]) throws -> [DeliveryAction] {
    var actions = try machine(input)
    if case .data(let id, _, let records, _, let sender) = input, !answers(id, in: actions) {
      if buffered.contains(id) {
        let count = StageCount(stage: stage, recordsIn: UInt64(records), recordsOut: UInt64(records))
        actions.append(.sendDone(id, Tally(count), to: sender))
      } else {
        buffered.append(id)
      }
    }
    for case .sendDone(let id, _, _) in actions where !isData(input) { buffered.removeAll { $0 == id } }
    return actions
  }

  private func answers(_ id: BatchID, in actions: [DeliveryAction]) -> Bool {
    actions.contains { if case .sendDone(id, _, _) = $0 { true } else { false } }
  }

  private func isData(_ input: Input) -> Bool { if case .data = input { true } else { false } }
}

/// Keeps the deaths of senders from the machine, so that it never drops what only they claimed.
final class DeathsAboveUnheard: Saboteur {
  private let isSink: Bool
  private var senderStages: [UInt16] = []

  init(isSink: Bool) { self.isSink = isSink }

  func handle(_ input: Input, machine: (Input) throws -> [DeliveryAction]) throws -> [DeliveryAction] {
    if case .data(_, _, _, _, let sender) = input, !senderStages.contains(sender.slot.stage) {
      senderStages.append(sender.slot.stage)
    }
    if case .peerDown(let peer) = input, isSink || senderStages.contains(peer.slot.stage) { return [] }
    return try machine(input)
  }
}
