import Supervisor
import Testing

struct DeadLetterLimitTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var limit: DeadLetterLimit
    /// Records in and dead of stages a, b and so on.
    var counts: [(UInt64, UInt64)]
    var isEnd = false
    /// How the reason begins; nil: the run goes on.
    var reason: String?

    init(_ limit: DeadLetterLimit, _ counts: [(UInt64, UInt64)], isEnd: Bool = false, _ reason: String?) {
      (self.limit, self.counts, self.isEnd, self.reason) = (limit, counts, isEnd, reason)
    }

    var testDescription: String { "\(limit) \(counts)\(isEnd ? " at the end" : "")" }
  }

  private static let tenPercent = DeadLetterLimit.share(1_000)

  @Test(arguments: [
    Case(tenPercent, [(0, 0)], nil),
    Case(tenPercent, [(999, 999)], nil),
    Case(tenPercent, [(1_000, 100)], nil),
    Case(
      tenPercent, [(1_000, 101)],
      "stage a could not work on 101 of 1000 records, and 'dead_letters' allows 10%"),
    Case(tenPercent, [(1_000, 0), (1_000, 101)], "stage b could not work on 101 of 1000 records"),
    // Each stage by itself: what one could not work on the next never sees.
    Case(tenPercent, [(1_000, 60), (940, 60)], nil),
    Case(tenPercent, [(20, 20)], nil),
    Case(tenPercent, [(20, 20)], isEnd: true, "stage a could not work on any of its 20 records"),
    Case(tenPercent, [(1, 1)], isEnd: true, "stage a could not work on any of its 1 records"),
    Case(tenPercent, [(20, 19)], isEnd: true, nil),
    Case(tenPercent, [(0, 0)], isEnd: true, nil),
    Case(
      .share(0), [(1_000, 1)], "stage a could not work on 1 of 1000 records, and 'dead_letters' allows 0%"),
    Case(.share(0), [(999, 1)], nil),
    Case(
      .share(125), [(10_000, 126)],
      "stage a could not work on 126 of 10000 records, and 'dead_letters' allows 1.25%"),
    Case(
      .share(105), [(10_000, 106)],
      "stage a could not work on 106 of 10000 records, and 'dead_letters' allows 1.05%"),
    Case(.share(10_000), [(5_000, 5_000)], nil),
    Case(.share(10_000), [(5_000, 5_000)], isEnd: true, "stage a could not work on any of its 5000 records"),
    Case(.count(5), [(100, 5)], nil),
    Case(.count(5), [(10, 3), (10, 3)], "6 dead letters, and 'dead_letters' allows 5"),
    Case(.count(0), [(10, 1)], "1 dead letters, and 'dead_letters' allows 0"),
    Case(.count(50), [(10, 10)], isEnd: true, "stage a could not work on any of its 10 records"),
    Case(.none, [(5_000, 5_000)], nil),
    Case(.none, [(5_000, 5_000)], isEnd: true, nil),
  ])
  func `it is told when there are too many`(_ table: Case) {
    let counts = zip("abcdef", table.counts).map {
      DeadLetterLimit.Count(name: String($0), recordsIn: $1.0, dead: $1.1)
    }
    let found = table.limit.excess(counts, isEnd: table.isEnd)
    if let reason = table.reason {
      #expect(found?.hasPrefix(reason) == true, "\(found ?? "nothing")")
      #expect(found?.hasSuffix("with 'procession dead-letters list'") == true)
    } else {
      #expect(found == nil)
    }
  }
}
