/// What became of the records of one batch at one stage: each that came in was filtered, became a dead
/// letter, or led to one or more that went out.
package struct StageCount: Hashable, Sendable {
  package var stage: UInt16
  package var recordsIn: UInt64
  package var recordsOut: UInt64
  /// Records that led to none, by the pipeline's will.
  package var filtered: UInt64
  /// Records that could not be worked on and were kept as dead letters.
  package var dead: UInt64

  package init(
    stage: UInt16, recordsIn: UInt64, recordsOut: UInt64, filtered: UInt64 = 0, dead: UInt64 = 0
  ) {
    self.stage = stage
    self.recordsIn = recordsIn
    self.recordsOut = recordsOut
    self.filtered = filtered
    self.dead = dead
  }
}

/// Record counts per stage, carried upstream by `done` and added up at the origin.
///
/// An origin counts each of its sequences once, whatever was replayed on the way, and stores the sum
/// together with its low-water mark. So the counts of a run are exact although workers died.
package struct Tally: Hashable, Sendable {
  /// Sorted by stage, each stage once.
  package private(set) var counts: [StageCount]

  package init() { counts = [] }

  package init(_ count: StageCount) { counts = [count] }

  package mutating func add(_ count: StageCount) {
    var index = 0
    while index < counts.count && counts[index].stage < count.stage { index += 1 }
    if index < counts.count && counts[index].stage == count.stage {
      counts[index].recordsIn += count.recordsIn
      counts[index].recordsOut += count.recordsOut
      counts[index].filtered += count.filtered
      counts[index].dead += count.dead
    } else {
      counts.insert(count, at: index)
    }
  }

  package mutating func add(_ other: Tally) {
    for count in other.counts { add(count) }
  }

  /// The counts of one stage; zeros where it has none.
  package func count(of stage: UInt16) -> StageCount {
    counts.first { $0.stage == stage } ?? StageCount(stage: stage, recordsIn: 0, recordsOut: 0)
  }
}
