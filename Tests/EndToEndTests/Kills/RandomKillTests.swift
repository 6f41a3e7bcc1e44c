import TestSupport
import Testing

extension EndToEnd {
  /// Workers, fork servers and the progress process killed at random moments.
  @Suite struct RandomKillTests {
    static let most = 12

    @Test(arguments: FlightsRun.methods, Seed.some(3))
    func randomDeathsChangeNothing(method: String, seed: Seed) throws {
      var seed = seed
      let workspace = Workspace()
      let many = ManyFlights(times: 80)
      var flights = FlightsRun.all(method)
      flights.input = many.write(to: workspace)
      let run = try flights.start(in: workspace)
      var kills: [String] = []
      while run.isRunning, kills.count < Self.most {
        try Waiting.pause(.milliseconds(Int.random(in: 5...80, using: &seed)))
        guard let victim = run.workers.randomElement(using: &seed) else { continue }
        victim.kill()
        kills.append(victim.name)
      }
      let result = try run.finish()
      let story = "\(seed.testDescription) \(method), killed \(kills)\n\(result.errors)"
      #expect(kills.count > 3, "\(story)")
      #expect(result.status == 0, "\(story)")
      #expect(result.errors.contains("every stage balances"), "\(story)")
      expectSameBytes(workspace.read("out.jsonl"), many.expected, story)
    }
  }
}
