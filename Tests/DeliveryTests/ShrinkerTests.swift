import Delivery
import Testing

/// Shows on broken rules that a failure becomes readable.
@Suite struct ShrinkerTests {
  @Test(arguments: [WrongRule.truncateNo, .mergeArrival, .drainAtOwnHalt])
  func aFailureShrinksAndIsTold(_ rule: WrongRule) throws {
    var campaign = Campaign()
    for number: UInt64 in 0..<2_000 where campaign.failures.isEmpty {
      campaign.run(Shape.random(number), seeds: 0..<4, wrong: rule, limit: 1)
    }
    let failure = try #require(campaign.failures.first)
    let before = Simulation(shape: failure.shape, seed: failure.seed, wrong: rule)
    #expect(throws: Failure.self) { try before.run() }
    var shrinker = Shrinker(shape: failure.shape, seed: failure.seed, wrong: rule, kind: failure.kind)
    shrinker.shrink()
    let (lines, error) = shrinker.trace()
    #expect(error.hasPrefix(failure.kind))
    #expect(shrinker.smallest.shape.slots.count <= 6, "\(shrinker.smallest.shape)")
    #expect(shrinker.parameters().sourceSizes.reduce(0, +) <= 12)
    #expect(lines.count < 300)
    #expect(lines.contains { $0.contains("cuts") } && lines.contains { $0.contains("starts") })
    var again = Shrinker(shape: failure.shape, seed: failure.seed, wrong: rule, kind: failure.kind)
    again.shrink()
    #expect(again.trace().lines == lines, "a failure shrinks to the same case every time")
  }
}
