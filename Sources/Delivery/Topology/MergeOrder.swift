/// One of the streams that meet at a slot of an ordered stage: every batch of an origin that comes by one path.
package struct MergeInput: Hashable, Sendable {
  package var origin: SlotID
  package var branch: Branch
  /// The stages that the stream passes, from the origin's to the receiver's, each with the part that it is
  /// of where the stage's input is divided.
  package var path: [Hop]

  package struct Hop: Hashable, Sendable {
    package var stage: UInt16
    package var part: UInt16

    package init(stage: UInt16, part: UInt16) {
      self.stage = stage
      self.part = part
    }
  }

  package init(origin: SlotID, branch: Branch, path: [Hop] = []) {
    self.origin = origin
    self.branch = branch
    self.path = path
  }
}

extension Topology {
  /// The streams that reach a slot, in plan order: the order in which a merging sink applies batches of one
  /// sequence.
  ///
  /// Every sequence of an origin arrives once on each of these, so the slot knows what is still to come
  /// without being told.
  package func mergeOrder(of slot: SlotID) -> [MergeInput] {
    var inputs: [MergeInput] = []
    for index in stages.indices where stages[index].role.isOrigin && UInt16(index) != slot.stage {
      for origin in slots(of: UInt16(index)) {
        let start = MergeInput(
          origin: origin, branch: .root, path: [.init(stage: origin.stage, part: origin.index)])
        appendPaths(start, to: slot, into: &inputs)
      }
    }
    return inputs
  }

  private func appendPaths(_ input: MergeInput, to slot: SlotID, into inputs: inout [MergeInput]) {
    let stage = input.path.last!.stage
    if stage == slot.stage { return inputs.append(input) }
    // Beyond a stage with custody the stream is another's.
    if input.path.count > 1 && stages[Int(stage)].role.isOrigin { return }
    for next in stages[Int(stage)].downstream {
      let isDivided = stages[Int(next)].input != .balanced
      let parts = next == slot.stage ? [slot.index] : isDivided ? slots(of: next).map(\.index) : [0]
      for part in parts {
        var longer = input
        longer.path.append(.init(stage: next, part: isDivided ? part : 0))
        longer.branch = input.branch.crossing(from: stage, to: next, part: isDivided ? part : 0)
        appendPaths(longer, to: slot, into: &inputs)
      }
    }
  }
}
