import Delivery

/// Holds `taken` back until the batch is done.
final class WithheldCredit: Saboteur {
  private var held: [(id: BatchID, action: DeliveryAction)] = []

  func handle(_ input: Input, machine: (Input) throws -> [DeliveryAction]) throws -> [DeliveryAction] {
    var passed: [DeliveryAction] = []
    let actions = try machine(input)
    for action in actions {
      switch action {
      case .sendTaken(let id, _): held.append((id, action))
      case .sendDone(let id, _, _):
        passed += held.filter { $0.id == id }.map(\.action)
        held.removeAll { $0.id == id }
        passed.append(action)
      default: passed.append(action)
      }
    }
    return passed
  }
}

/// Counts credit by entries of the outbox: what is done before it is taken never gives credit back.
final class CreditTiedToEntry: Saboteur {
  private var assigned: [(id: BatchID, receiver: Incarnation)] = []

  func handle(_ input: Input, machine: (Input) throws -> [DeliveryAction]) throws -> [DeliveryAction] {
    switch input {
    case .taken(let id, let sender):
      if !assigned.contains(where: { $0.id == id && $0.receiver == sender }) { return [] }
    case .done(let id, _, _): assigned.removeAll { $0.id == id }
    case .peerDown(let peer):
      assigned.removeAll { $0.receiver.slot == peer.slot && $0.receiver.epoch <= peer.epoch }
    default: break
    }
    let actions = try machine(input)
    for case .send(_, let id, let receiver) in actions {
      assigned.removeAll { $0.id == id }
      assigned.append((id, receiver))
    }
    return actions
  }
}

/// Gives full credit again to an incarnation that is announced a second time.
final class CreditResetBySecondUp: Saboteur {
  private let limit: Int
  private var known: [(peer: Incarnation, credit: Int, batch: BatchID?)] = []

  init(limit: Int) { self.limit = limit }

  func handle(_ input: Input, machine: (Input) throws -> [DeliveryAction]) throws -> [DeliveryAction] {
    var actions: [DeliveryAction] = []
    switch input {
    case .peerUp(let peer):
      if let index = known.firstIndex(where: { $0.peer == peer }) {
        while known[index].credit < limit, let batch = known[index].batch {
          known[index].credit += 1
          actions += try machine(.taken(batch, from: peer))
        }
      } else {
        known.append((peer, limit, nil))
      }
    case .taken(_, let sender):
      if let index = known.firstIndex(where: { $0.peer == sender }) { known[index].credit += 1 }
    default: break
    }
    actions += try machine(input)
    for case .send(_, let id, let receiver) in actions {
      guard let index = known.firstIndex(where: { $0.peer == receiver }) else { continue }
      known[index].credit -= 1
      known[index].batch = id
    }
    return actions
  }
}
