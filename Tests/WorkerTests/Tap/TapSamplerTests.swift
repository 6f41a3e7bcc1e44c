import TestSupport
import Testing
import Worker

struct TapSamplerTests {
  /// The rule told slowly: the first record of all, then each `every`th.
  @Test func `it chooses what counting one by one does`() {
    for seed in UInt64(0)..<5_000 {
      var random = SeededRandom(seed)
      let every = 1 + random.below(random.below(2) == 0 ? 5 : 300)
      var sampler = TapSampler(every: UInt64(every))
      var passed = 0
      for _ in 0..<20 {
        let records = random.below(random.below(2) == 0 ? 4 : 500)
        let wanted = (0..<records).filter { (passed + $0) % every == 0 }
        passed += records
        let choice = sampler.choose(from: records)
        let chosen = choice.map { choice in (0..<choice.count).map { choice.first + $0 * choice.every } }
        #expect(chosen ?? [] == wanted, "seed \(seed)")
        #expect(choice == nil || !wanted.isEmpty, "seed \(seed)")
      }
    }
  }

  @Test func `one in ever so many is the first alone`() {
    var sampler = TapSampler(every: .max)
    #expect(sampler.choose(from: 10) == TapSampler.Choice(first: 0, every: .max, count: 1))
    for _ in 0..<1000 { #expect(sampler.choose(from: 1 << 40) == nil) }
  }
}
