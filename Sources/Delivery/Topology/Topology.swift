/// The shape of a pipeline as delivery sees it: stages in plan order, their slots and their edges.
package struct Topology: Hashable, Sendable {
  package enum Role: UInt8, Hashable, Sendable { case source, step, sink }

  package struct Stage: Hashable, Sendable {
    package var role: Role
    package var slots: Int
    /// Indices of the stages that read this one, ascending.
    package var downstream: [UInt16]
    /// Indices of the stages that this one reads, ascending.
    package var upstream: [UInt16]
  }

  package private(set) var stages: [Stage]

  /// Credit per link: 1 costs up to 39 % where latency is twice the work, more than 2 gains at most 7 %
  /// and lets a slow worker hoard (the protocol's simulator).
  package static let credit = 2

  /// Edges are (from, to) pairs of stage indices.
  package init(stages: [(role: Role, slots: Int)], edges: [(UInt16, UInt16)]) {
    self.stages = stages.map { Stage(role: $0.role, slots: $0.slots, downstream: [], upstream: []) }
    for (from, to) in edges.sorted(by: { $0 < $1 }) {
      self.stages[Int(from)].downstream.append(to)
      self.stages[Int(to)].upstream.append(from)
    }
    for index in self.stages.indices { self.stages[index].upstream.sort() }
  }

  /// Slots whose processes exchange messages with those of `stage`, in order.
  package func neighbours(of stage: UInt16) -> [SlotID] {
    let adjacent = stages[Int(stage)].upstream + stages[Int(stage)].downstream
    return adjacent.sorted().flatMap { neighbour in
      (0..<stages[Int(neighbour)].slots).map { SlotID(stage: neighbour, index: UInt16($0)) }
    }
  }

  /// Position of a slot among all slots, in plan order.
  package func position(of slot: SlotID) -> Int {
    stages[..<Int(slot.stage)].reduce(0) { $0 + $1.slots } + Int(slot.index)
  }

  package var slotCount: Int { stages.reduce(0) { $0 + $1.slots } }

  /// The most sequences an origin may have in flight, as a span from its low-water mark.
  ///
  /// About four batches for each slot on the longest path, at least 16, and always more than all the
  /// links together can hold, so that credit and not the window paces a healthy pipeline.
  package func window(ofOrigin stage: UInt16) -> UInt64 {
    let longest = longestPath(from: stage)
    let reachable = reachableSlots(from: stage)
    return UInt64(max(16, 4 * longest, reachable * Self.credit + 2))
  }

  /// By how many paths the batches of one stage reach another; 1 for itself.
  package func countOfPaths(from stage: UInt16, to target: UInt16) -> Int {
    if stage == target { return 1 }
    return stages[Int(stage)].downstream.reduce(0) { $0 + countOfPaths(from: $1, to: target) }
  }

  private func longestPath(from stage: UInt16) -> Int {
    stages[Int(stage)].slots + (stages[Int(stage)].downstream.map(longestPath(from:)).max() ?? 0)
  }

  private func reachableSlots(from stage: UInt16) -> Int {
    var seen = [Bool](repeating: false, count: stages.count)
    var waiting = stages[Int(stage)].downstream
    var slots = 0
    while let next = waiting.popLast() {
      if seen[Int(next)] { continue }
      seen[Int(next)] = true
      slots += stages[Int(next)].slots
      waiting += stages[Int(next)].downstream
    }
    return slots
  }
}
