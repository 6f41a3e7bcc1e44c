import Delivery
import Testing

/// Shows that the simulator sees: it must find every wrong rule within a bounded number of schedules.
@Suite struct WrongRuleTests {
  @Test(arguments: WrongRule.observable) func isFound(_ rule: WrongRule) throws {
    var bySeed: UInt64?
    var found: Shape?
    for shape in rule.shapes where found == nil {
      var campaign = Campaign()
      campaign.run(shape, seeds: 0..<rule.seedLimit, wrong: rule, limit: 1)
      bySeed = campaign.failures.first?.seed
      if bySeed != nil { found = shape }
    }
    let shape = try #require(found, "no schedule shows \(rule.rawValue)")
    let seed = try #require(bySeed)
    var right = Campaign()
    right.run(shape, seeds: seed..<seed + 1)
    #expect(right.failures.isEmpty, "seed \(seed) of \(shape.name) fails without the wrong rule too")
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
