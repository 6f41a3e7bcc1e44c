import Delivery

/// Remembers by slot number who is to leave, so that whoever lives there next gets nothing either.
final class RetiringBySlot: Saboteur {
  private var slots: [SlotID] = []

  func handle(_ input: Input, machine: (Input) throws -> [DeliveryAction]) throws -> [DeliveryAction] {
    switch input {
    case .retire(let peer): slots.append(peer.slot)
    case .peerUp(let peer):
      if slots.contains(peer.slot) { _ = try machine(.retire(peer)) }
    default: break
    }
    return try machine(input)
  }
}
