/// How many dead letters are too many.
package enum DeadLetterLimit: Hashable, Sendable {
  case none
  /// Of all stages together.
  case count(UInt64)
  /// Hundredths of a percent of what a stage took, from ``leastRecords`` on.
  case share(UInt64)

  /// Records that a stage must have taken before a share of them says anything.
  package static let leastRecords: UInt64 = 1_000

  /// Records in and dead of one stage.
  package struct Count: Hashable, Sendable {
    package var name: String
    package var recordsIn: UInt64
    package var dead: UInt64

    package init(name: String, recordsIn: UInt64, dead: UInt64) {
      self.name = name
      self.recordsIn = recordsIn
      self.dead = dead
    }
  }

  /// Why the run must not go on, or nil. At the end of a run (`isEnd`) a stage that could work on nothing at
  /// all fails it, however little it took.
  package func excess(_ counts: [Count], isEnd: Bool) -> String? {
    let total = counts.reduce(0) { $0 + $1.dead }
    if case .count(let most) = self, total > most {
      return "\(total) dead letters, and 'dead_letters' allows \(most); see them with "
        + "'procession dead-letters list'"
    }
    for count in counts where count.dead > 0 {
      if isEnd && count.dead == count.recordsIn && self != .none {
        return "stage \(count.name) could not work on any of its \(count.recordsIn) records; see why with "
          + "'procession dead-letters list'"
      }
      guard case .share(let most) = self, count.recordsIn >= Self.leastRecords,
        count.dead * 10_000 > count.recordsIn * most
      else { continue }
      return "stage \(count.name) could not work on \(count.dead) of \(count.recordsIn) records, and "
        + "'dead_letters' allows \(Self.percent(most)); see why with 'procession dead-letters list'"
    }
    return nil
  }

  private static func percent(_ hundredths: UInt64) -> String {
    let rest = hundredths % 100
    if rest == 0 { return "\(hundredths / 100)%" }
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)%"
  }
}
