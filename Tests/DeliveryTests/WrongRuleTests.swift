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

  /// A durable stage of several slots that is balanced would not know which sequences are its own.
  @Test func aBalancedSinkIsFound() {
    let shape = Shape(
      "balanced sink",
      [
        ("src", .init(role: .source, slots: 1)), ("a", .init(role: .step, slots: 2)),
        ("out", .init(role: .sink, slots: 2, input: .balanced)),
      ], [("src", "a"), ("a", "out")])
    var campaign = Campaign()
    campaign.run(shape, seeds: 0..<50, limit: 10)
    #expect(campaign.failures.count == 10)
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
