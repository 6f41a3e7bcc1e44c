import TestSupport
import Testing
import Worker

struct TapBudgetTests {
  /// Whatever the work costs, a worker loses a fiftieth of its time and what one piece of work takes too long.
  @Test func `it gives away a fiftieth of the time`() {
    for seed in UInt64(0)..<200 {
      var random = SeededRandom(seed)
      let began: UInt64 = 1_000_000_000
      var budget = TapBudget(now: began)
      var (now, spent): (UInt64, UInt64) = (began, 0)
      let most = 1 + UInt64(random.below(20_000_000))
      for _ in 0..<20_000 {
        now += UInt64(random.below(200_000))
        guard budget.allowance(now: now) != nil else { continue }
        let cost = random.next() % most
        budget.spend(from: now, to: now + cost)
        (now, spent) = (now + cost, spent + cost)
      }
      #expect(spent <= (now - began) / 50 + 5_000_000 + most, "seed \(seed)")
      #expect(spent > 0, "seed \(seed)")
    }
  }

  @Test func `a deadline is no further away than what was saved`() {
    var budget = TapBudget(now: 0)
    let first = budget.allowance(now: 1_000_000_000_000)
    #expect(first == 1_000_000_000_000 + 5_000_000)
    budget.spend(from: 1_000_000_000_000, to: 1_000_004_000_000)
    #expect(budget.allowance(now: 1_000_004_000_000) == 1_000_005_080_000)
    budget.spend(from: 1_000_004_000_000, to: 1_000_034_000_000)
    #expect(budget.allowance(now: 1_000_034_000_000) == nil)
  }
}
