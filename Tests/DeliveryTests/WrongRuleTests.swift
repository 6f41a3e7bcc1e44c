import Delivery
import Testing

/// Shows that the simulator sees: it must find every wrong rule within a bounded number of schedules.
@Suite struct WrongRuleTests {
  @Test(arguments: WrongRule.observable) func isFound(_ rule: WrongRule) throws {
    var wrong = Campaign()
    for shape in rule.shapes where wrong.failures.isEmpty {
      wrong.run(shape, seeds: 0..<rule.seedLimit, wrong: rule, limit: 1)
    }
    let found = try #require(wrong.failures.first, "no schedule shows \(rule.rawValue)")
    var right = Campaign()
    right.run(found.shape, seeds: found.seed..<found.seed + 1)
    #expect(
      right.failures.isEmpty, "seed \(found.seed) of \(found.shape.name) fails without the wrong rule too")
  }

  /// Counts what each wrong rule breaks, on request: `DELIVERY_SURVEY` schedules for each topology.
  @Test(.enabled(if: environment("DELIVERY_SURVEY") != nil), arguments: WrongRule.allCases)
  func survey(_ rule: WrongRule) {
    let count = environment("DELIVERY_SURVEY").flatMap(UInt64.init) ?? 1_000
    for shape in Shape.all {
      var campaign = Campaign()
      campaign.run(shape, seeds: 0..<count, wrong: rule)
      print(
        "SURVEY \(rule.rawValue) \(shape.name) \(campaign.failures.count)/\(campaign.schedules)",
        "(\(campaign.kinds)) first \(campaign.failures.first?.seed.description ?? "-")")
    }
  }
}
