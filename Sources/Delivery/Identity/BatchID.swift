/// The identity of a batch, the same at every stage that handles it and after every restart.
///
/// Sequences are dense per origin and start at 1. A step keeps origin and sequence; the branch changes at
/// each edge, so that copies of one batch that took different paths stay apart.
package struct BatchID: Hashable, Comparable, Sendable {
  /// The slot that numbered the batch.
  package var origin: SlotID
  package var sequence: UInt64
  package var branch: Branch

  package init(origin: SlotID, sequence: UInt64, branch: Branch) {
    self.origin = origin
    self.sequence = sequence
    self.branch = branch
  }

  /// The order in which batches are sent: the lowest sequence first, because a sink waits for it.
  package static func < (left: BatchID, right: BatchID) -> Bool {
    if left.sequence != right.sequence { return left.sequence < right.sequence }
    if left.origin != right.origin { return left.origin < right.origin }
    return left.branch.rawValue < right.branch.rawValue
  }

  /// The same batch after it crossed an edge.
  package func crossing(from: UInt16, to: UInt16, part: UInt16 = 0) -> BatchID {
    BatchID(
      origin: origin, sequence: sequence, branch: branch.crossing(from: from, to: to, part: part))
  }
}

/// A stable number for the path that a batch took from its origin.
package struct Branch: Hashable, Sendable {
  package var rawValue: UInt64

  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The path of a batch that has not left its origin.
  package static let root = Branch(rawValue: 0)

  /// The path, one edge further.
  ///
  /// Both ends of an edge derive this from stage numbers, so that one message serves every receiver of a
  /// fan-out. `part` tells the parts of a batch apart where an edge splits it; elsewhere it is 0.
  package func crossing(from: UInt16, to: UInt16, part: UInt16 = 0) -> Branch {
    var hash = StableHash()
    hash.combine(rawValue)
    hash.combine(UInt64(from) | UInt64(to) << 16 | UInt64(part) << 32)
    return Branch(rawValue: hash.finish())
  }
}
