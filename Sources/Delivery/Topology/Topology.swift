/// The shape of a pipeline as delivery sees it: stages in plan order, their slots and their edges.
package struct Topology: Hashable, Sendable {
  package enum Role: UInt8, Hashable, Sendable {
    case source, step, sink
    /// Keeps state: takes custody of what it reads, and numbers what it writes.
    case custody
    /// Stores what other stages can't work on, in any order.
    case deadLetters

    /// Whether its slots number batches.
    package var isOrigin: Bool { self == .source || self == .custody }
    /// Whether its slots take batches in the order of their sequences.
    package var isOrdered: Bool { self == .sink || self == .custody }
  }

  /// Which slot of a stage gets a batch.
  package enum Input: UInt8, Hashable, Sendable {
    /// Whichever has the most free credit. Never for an ordered stage: its slots would not know which
    /// sequences are theirs.
    case balanced
    /// Slot `sequence mod slots`; the others get an empty part.
    case spread
    /// Each slot the records whose key is its own.
    case keyed
  }

  package struct Stage: Hashable, Sendable {
    package var role: Role
    /// How many slots work at first, and divide a keyed or spread input.
    package var slots: Int
    /// How many there may be at once. More than `slots` only where any of them may have any batch.
    package var capacity: Int
    package var input: Input
    /// For a sink: whether it waits for all its streams, so that its order is that of one process. It must
    /// not where one of them is endless, or comes from a stage that may owe nothing until it flushes.
    package var merges: Bool
    /// Whether it sends records that it can't work on to the stage that keeps them.
    package var sendsLetters: Bool
    /// Indices of the stages that read this one, ascending, without the one that keeps dead letters.
    package fileprivate(set) var downstream: [UInt16] = []
    /// Indices of the stages that this one reads, ascending.
    package fileprivate(set) var upstream: [UInt16] = []

    package init(
      role: Role, slots: Int, capacity: Int? = nil, input: Input? = nil, merges: Bool = true,
      sendsLetters: Bool = false
    ) {
      self.role = role
      self.slots = slots
      self.capacity = max(slots, capacity ?? slots)
      self.input = input ?? (role.isOrdered ? .spread : .balanced)
      self.merges = merges
      self.sendsLetters = sendsLetters
    }
  }

  package private(set) var stages: [Stage]
  /// The stage that keeps dead letters, where there is one.
  package private(set) var deadLetterStage: UInt16?

  /// Credit per link: 1 costs up to 39 % where latency is twice the work, more than 2 gains at most 7 %
  /// and lets a slow worker hoard (the protocol's simulator).
  package static let credit = 2

  /// Edges are (from, to) pairs of stage indices; those for dead letters follow from the stages.
  package init(stages: [Stage], edges: [(UInt16, UInt16)]) {
    self.stages = stages
    deadLetterStage = stages.firstIndex { $0.role == .deadLetters }.map { UInt16($0) }
    for (from, to) in edges.sorted(by: { $0 < $1 }) {
      self.stages[Int(from)].downstream.append(to)
      self.stages[Int(to)].upstream.append(from)
    }
    for index in stages.indices {
      if stages[index].sendsLetters, let keeper = deadLetterStage {
        self.stages[Int(keeper)].upstream.append(UInt16(index))
      }
      self.stages[index].upstream.sort()
    }
  }

  /// Stages of one kind each, with the input that suits it.
  package init(stages: [(role: Role, slots: Int)], edges: [(UInt16, UInt16)]) {
    self.init(stages: stages.map { Stage(role: $0.role, slots: $0.slots) }, edges: edges)
  }

  /// The stage that gets dead letters of `stage`, if any.
  package func letterStage(of stage: UInt16) -> UInt16? {
    stages[Int(stage)].sendsLetters ? deadLetterStage : nil
  }

  /// Stages whose workers exchange messages with those of `stage`, ascending.
  package func adjacentStages(of stage: UInt16) -> [UInt16] {
    let adjacent = stages[Int(stage)].upstream + stages[Int(stage)].downstream
    return (adjacent + (letterStage(of: stage).map { [$0] } ?? [])).sorted()
  }

  /// Slots whose processes exchange messages with those of `stage`, in order.
  package func neighbours(of stage: UInt16) -> [SlotID] { adjacentStages(of: stage).flatMap(slots(of:)) }

  /// All that there may be, those that a stage can be scaled up to included.
  package func slots(of stage: UInt16) -> [SlotID] {
    (0..<stages[Int(stage)].capacity).map { SlotID(stage: stage, index: UInt16($0)) }
  }

  /// Position of a slot among all slots, in plan order.
  package func position(of slot: SlotID) -> Int {
    stages[..<Int(slot.stage)].reduce(0) { $0 + $1.capacity } + Int(slot.index)
  }

  package var slotCount: Int { stages.reduce(0) { $0 + $1.capacity } }

  /// How a batch is named at a slot of `stage`: its branch crosses the edge, and where the stage's input is
  /// divided, the part is the slot's own.
  package func branch(_ branch: Branch, from: UInt16, toSlot slot: SlotID) -> Branch {
    let part = stages[Int(slot.stage)].input == .balanced ? 0 : slot.index
    return branch.crossing(from: from, to: slot.stage, part: part)
  }

  /// The most sequences an origin may have in flight, as a span from its low-water mark.
  ///
  /// About four batches for each slot on the longest path, at least 32, and always more than all the
  /// links together can hold, so that credit and not the window paces a healthy pipeline. A sink commits when
  /// half of it waits: with 16 a commit was 2 MB, and 310 MB of lines took 1.67 s instead of 1.13.
  package func window(ofOrigin stage: UInt16) -> UInt64 {
    let longest = longestPath(from: stage)
    let reachable = reachableSlots(from: stage)
    return UInt64(max(32, 4 * longest, reachable * Self.credit + 2))
  }

  /// By how many paths the batches of one stage reach another; 1 for itself. None leads through a stage with
  /// custody.
  package func countOfPaths(from stage: UInt16, to target: UInt16) -> Int {
    if stage == target { return 1 }
    return stages[Int(stage)].downstream.reduce(0) {
      if $1 != target && stages[Int($1)].role.isOrigin { return $0 }
      return $0 + countOfPaths(from: $1, to: target)
        * (stages[Int($1)].input == .balanced ? 1 : stages[Int($1)].slots)
    }
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
