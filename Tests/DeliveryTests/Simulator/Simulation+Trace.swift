import Delivery

/// Short words for a trace that people read.
extension Simulation {
  func name(_ slot: SlotID) -> String { "\(shape.stageNames[Int(slot.stage)]).\(slot.index)" }

  /// Origin and sequence, and a mark that tells the paths of one batch apart.
  func name(_ id: BatchID) -> String {
    let mark = String(id.branch.rawValue & 0xFFF, radix: 16)
    return "\(name(id.origin)):\(id.sequence)~\(mark)"
  }

  func describe(_ input: Input) -> String {
    switch input {
    case .peerUp(let peer): "hears that \(name(peer)) is up"
    case .peerDown(let peer): "hears that \(name(peer)) is down"
    case .retire(let peer): "hears that \(name(peer)) is to leave"
    case .data(let id, _, let records, let low, let sender):
      "gets \(name(id)) with \(records) records, low \(low), from \(name(sender))"
    case .taken(let id, let sender): "hears that \(name(sender)) took \(name(id))"
    case .done(let id, _, let sender): "hears from \(name(sender)) that \(name(id)) is done"
    case .originEnded(let origin, let last): "hears that \(name(origin)) ends at \(last)"
    case .flush: "is to flush"
    case .cut(_, let count, let end): "cuts \(count.recordsIn) records up to \(end)"
    case .inputEnded: "is at its input's end"
    case .drain: "is to stop cutting"
    case .drainUpTo(let last): "is to cut up to \(last)"
    case .start: "takes the next batch in hand"
    case .processed(let id, _, let count): "makes \(count.recordsOut) records of \(name(id))"
    case .applied(let id, let dead, _): "has written \(name(id)), \(dead) dead"
    case .absorbed(let id, let outgoing, _): "has applied \(name(id)), which leads to \(outgoing) batches"
    case .flushed(let outgoing): "flushes its state, which leads to \(outgoing) batches"
    case .released(let sequence, _, _): "releases its batch \(sequence)"
    case .stored: "has stored letters"
    case .committed: "has committed"
    }
  }

  func describe(_ action: DeliveryAction) -> String? {
    switch action {
    case .send(_, let id, let receiver): "sends \(name(id)) to \(name(receiver))"
    case .sendTaken(let id, let receiver): "returns the credit for \(name(id)) to \(name(receiver))"
    case .sendDone(let id, _, let receiver): "tells \(name(receiver)) that \(name(id)) is done"
    case .release: nil
    }
  }
}
