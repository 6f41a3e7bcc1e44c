import Delivery

/// Drops data whose sender was not announced yet.
final class EarlyDataDropped: Saboteur {
  private var announced: [Incarnation] = []

  func handle(_ input: Input, machine: (Input) throws -> [DeliveryAction]) throws -> [DeliveryAction] {
    switch input {
    case .peerUp(let peer): announced.append(peer)
    case .data(_, let content, _, _, let sender):
      if !announced.contains(sender) { return [.release(content)] }
    default: break
    }
    return try machine(input)
  }
}

/// Passes data of the dead off as that of an incarnation that nobody has heard of.
final class DeadDataAccepted: Saboteur {
  private var dead: [Incarnation] = []

  func handle(_ input: Input, machine: (Input) throws -> [DeliveryAction]) throws -> [DeliveryAction] {
    switch input {
    case .peerDown(let peer): dead.append(peer)
    case .data(let id, let content, let records, let lowWater, var sender):
      if dead.contains(where: { $0.slot == sender.slot && $0.epoch >= sender.epoch }) {
        sender.epoch += 1_000_000
        return try machine(.data(id, content, records: records, lowWater: lowWater, from: sender))
      }
    default: break
    }
    return try machine(input)
  }
}

/// Drops `done` of the dead.
final class DeadDoneDropped: Saboteur {
  private var dead: [Incarnation] = []

  func handle(_ input: Input, machine: (Input) throws -> [DeliveryAction]) throws -> [DeliveryAction] {
    switch input {
    case .peerDown(let peer): dead.append(peer)
    case .done(_, _, let sender):
      if dead.contains(where: { $0.slot == sender.slot && $0.epoch >= sender.epoch }) { return [] }
    default: break
    }
    return try machine(input)
  }
}
