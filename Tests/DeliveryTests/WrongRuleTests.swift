import Delivery
import Testing

/// Shows that the simulator sees: it must find every wrong rule within a bounded number of schedules.
@Suite struct WrongRuleTests {
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
