import Delivery
import Testing

/// The protocol under random schedules.
///
/// `DELIVERY_SCHEDULES` says how many; `DELIVERY_TOPOLOGY` and `DELIVERY_SEED` replay one.
@Suite struct ScheduleTests {
  @Test(arguments: Shape.all) func everyRecordIsCommittedOnceInOrder(_ shape: Shape) {
    if let name = environment("DELIVERY_TOPOLOGY"), name != shape.name { return }
    var seeds: Range<UInt64> = 0..<UInt64(scheduleCount / Shape.all.count)
    if let seed = environment("DELIVERY_SEED").flatMap(UInt64.init) { seeds = seed..<seed + 1 }
    var campaign = Campaign()
    let start = ContinuousClock.now
    campaign.run(shape, seeds: seeds, limit: 3)
    let duration = ContinuousClock.now - start
    print(
      "\(shape.name): \(campaign.schedules) schedules, \(campaign.kills) kills,",
      "\(campaign.events) events in \(duration)")
    for (seed, error) in campaign.failures {
      let parameters = Simulation(shape: shape, seed: seed).parameters
      Issue.record(
        """
        \(error)
        replay: DELIVERY_TOPOLOGY=\(shape.name) DELIVERY_SEED=\(seed) swift test --filter ScheduleTests
        \(parameters)
        """)
    }
  }

  private var scheduleCount: Int {
    #if DEBUG
      let standard = 1_200
    #else
      let standard = 12_000
    #endif
    return environment("DELIVERY_SCHEDULES").flatMap(Int.init) ?? standard
  }
}
