import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// The supervisor dies at random moments, and the same command goes on until all is done.
  @Suite struct SupervisorDeathTests {
    private static let most = 5

    @Test(arguments: ["fork", "forkserver"], Seed.some(1))
    func theOutputIsThatOfOneRun(method: String, seed: Seed) throws {
      var seed = seed
      let workspace = Workspace()
      let many = ManyFlights(times: 60)
      var flights = FlightsRun.all(method)
      flights.input = many.write(to: workspace)
      var deaths = 0
      var said: [String] = []
      while deaths < Self.most {
        let run = try flights.start(in: workspace)
        try Waiting.until("a journal") { workspace.read("state/journal") != nil || !run.isRunning }
        try Waiting.pause(.milliseconds(Int.random(in: 20...300, using: &seed)))
        try? run.signal(SIGKILL)
        let result = try run.wait()
        said.append(result.errors)
        if result.status != -SIGKILL { break }
        deaths += 1
      }
      // It may have come to its end between two deaths; then all is there already.
      if deaths == Self.most { said.append(try flights.complete(in: workspace).errors) }
      let story = "\(seed.testDescription) \(method), \(deaths) deaths\n\(said.joined(separator: "\n"))"
      #expect(deaths > 0, "\(story)")
      #expect(said.last!.contains("every stage balances"), "\(story)")
      #expect(said.last!.contains("going on with the run of "), "\(story)")
      expectSameBytes(workspace.read("out.jsonl"), many.expected, story)
      workspace.expectNothingLeft()
    }

    @Test(arguments: Seed.some(2))
    func sourcesThatMeetKeepTheirOrder(seed: Seed) throws {
      var seed = seed
      let workspace = Workspace()
      let fanIn = FanInRun(flights: 30, lines: 60_000)
      fanIn.writeInputs(to: workspace)
      let expected = try fanIn.undisturbed(in: workspace)
      var deaths = 0
      for _ in 0..<4 {
        let run = try fanIn.start(in: workspace)
        try Waiting.until("a journal") { workspace.read("state/journal") != nil || !run.isRunning }
        try Waiting.pause(.milliseconds(Int.random(in: 20...200, using: &seed)))
        // At one moment with all its workers, as when a machine fails.
        run.killAll()
        if try run.wait().status == -SIGKILL { deaths += 1 }
      }
      let result = try fanIn.start(in: workspace).finish()
      let story = "\(seed.testDescription), \(deaths) deaths\n\(result.errors)"
      #expect(deaths > 0, "\(story)")
      #expect(result.status == 0, "\(story)")
      #expect(result.errors.contains("every stage balances"), "\(story)")
      expectSameBytes(workspace.read("out.jsonl"), expected, story)
    }
  }
}
