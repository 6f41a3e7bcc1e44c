import Delivery
import Testing

/// The protocol under random schedules, over fixed shapes and over drawn ones.
///
/// `DELIVERY_SCHEDULES` says how many; `DELIVERY_TOPOLOGY` and `DELIVERY_SEED` replay one.
@Suite(.serialized) struct ScheduleTests {
  private static let portions = 10
  private static let schedulesPerShape: UInt64 = 4

  @Test(arguments: Shape.all) func everyRecordIsCommittedOnceInOrder(_ shape: Shape) {
    if let name = environment("DELIVERY_TOPOLOGY"), name != shape.name { return }
    var seeds: Range<UInt64> = 0..<UInt64(scheduleCount * 4 / 10 / Shape.all.count)
    if let seed = environment("DELIVERY_SEED").flatMap(UInt64.init) { seeds = seed..<seed + 1 }
    var campaign = Campaign()
    let start = ContinuousClock.now
    campaign.run(shape, seeds: seeds, limit: 3)
    report(campaign, shape.name, since: start)
  }

  @Test(arguments: 0..<portions) func drawnPipelinesDeliverToo(_ portion: Int) {
    var campaign = Campaign()
    let start = ContinuousClock.now
    if let name = environment("DELIVERY_TOPOLOGY") {
      guard portion == 0, name.hasPrefix("random-"), let shape = Shape.named(name) else { return }
      let seed = environment("DELIVERY_SEED").flatMap(UInt64.init)
      campaign.run(shape, seeds: seed.map { $0..<$0 + 1 } ?? 0..<UInt64(scheduleCount), limit: 3)
    } else {
      let shapes = UInt64(scheduleCount * 6 / 10 / Self.portions) / Self.schedulesPerShape
      for number in UInt64(portion) * shapes..<UInt64(portion + 1) * shapes {
        campaign.run(Shape.random(number), seeds: 0..<Self.schedulesPerShape, limit: 3)
      }
    }
    report(campaign, "drawn pipelines \(portion)", since: start)
  }

  private func report(_ campaign: Campaign, _ name: String, since start: ContinuousClock.Instant) {
    print(
      "\(name): \(campaign.schedules) schedules, \(campaign.kills) kills, \(campaign.poisonDeaths) deaths of",
      "poison, \(campaign.restarts) new starts, \(campaign.events) events in \(ContinuousClock.now - start)")
    for failure in campaign.failures.prefix(1) {
      var shrinker = Shrinker(
        shape: failure.shape, seed: failure.seed, wrong: nil, kind: failure.kind)
      shrinker.shrink()
      let (lines, error) = shrinker.trace()
      print("the smallest case found in \(shrinker.runs) runs: \(error)\n\(shrinker.smallest.shape)")
      print(shrinker.parameters())
      for line in lines.suffix(1_000) { print(line) }
    }
    for failure in campaign.failures {
      Issue.record(
        """
        \(failure.error)
        replay: DELIVERY_TOPOLOGY=\(failure.shape.name) DELIVERY_SEED=\(failure.seed) swift test \
        --filter ScheduleTests
        \(failure.shape)
        """)
    }
  }

  private var scheduleCount: Int {
    #if DEBUG
      let standard = 4_000
    #else
      let standard = 100_000
    #endif
    return environment("DELIVERY_SCHEDULES").flatMap(Int.init) ?? standard
  }
}
