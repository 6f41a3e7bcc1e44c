/// One of the streams that meet at a sink: every batch of an origin that comes by one path.
package struct MergeInput: Hashable, Sendable {
  package var origin: SlotID
  package var branch: Branch

  package init(origin: SlotID, branch: Branch) {
    self.origin = origin
    self.branch = branch
  }
}

extension Topology {
  /// The streams that reach a sink, in plan order: the order in which it applies batches of one sequence.
  ///
  /// Every sequence of an origin arrives once on each of these, so the sink knows what is still to come
  /// without being told.
  package func mergeOrder(ofSink sink: UInt16) -> [MergeInput] {
    var inputs: [MergeInput] = []
    for index in stages.indices where stages[index].role == .source {
      for slot in 0..<stages[index].slots {
        let origin = SlotID(stage: UInt16(index), index: UInt16(slot))
        appendPaths(from: UInt16(index), to: sink, branch: .root, origin: origin, into: &inputs)
      }
    }
    return inputs
  }

  private func appendPaths(
    from stage: UInt16, to sink: UInt16, branch: Branch, origin: SlotID, into inputs: inout [MergeInput]
  ) {
    if stage == sink {
      inputs.append(MergeInput(origin: origin, branch: branch))
      return
    }
    for next in stages[Int(stage)].downstream {
      appendPaths(
        from: next, to: sink, branch: branch.crossing(from: stage, to: next), origin: origin, into: &inputs)
    }
  }
}
