import TestSupport
import Testing

extension EndToEnd {
  /// What follows from a death, by the restart policy.
  @Suite struct RestartPolicyTests {
    @Test func neverEndsTheRun() throws {
      let workspace = Workspace()
      var flights = FlightsRun(restart: "never")
      flights.faults = "clean.1:after-ready:1"
      let result = try flights.complete(in: workspace)
      #expect(result.status == 1)
      #expect(result.errors.contains("clean.1 was killed by SIGKILL after"), "\(result.errors)")
      #expect(
        result.errors.contains("clean.1 died and its restart policy does not replace it"),
        "\(result.errors)")
    }

    @Test func onFailureReplacesTheKilled() throws {
      let workspace = Workspace()
      var flights = FlightsRun(restart: "on-failure")
      flights.faults = "write.0:after-write:1"
      let result = try flights.complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("1 restart,"), "\(result.errors)")
      expectSameBytes(workspace.read("out.jsonl"), Repository.expectedFlights)
    }

    @Test func tooManyDeathsEndTheRun() throws {
      let workspace = Workspace()
      var flights = FlightsRun(restart: "{ max: 0, within: 1m }")
      flights.faults = "read.0:after-send:1"
      let result = try flights.complete(in: workspace)
      #expect(result.status == 1)
      #expect(
        result.errors.contains("the pipeline stops: more than 0 restarts within 60 s"), "\(result.errors)")
      #expect(
        result.errors.contains("read.0 died more often than its restart policy allows"),
        "\(result.errors)")
    }

    /// Killed again and again, by the test: two restarts are allowed, the third death is one too many. A source has
    /// no batch in hand that a death could be blamed on instead.
    @Test func deathsAreCountedWithinTheWindow() throws {
      let workspace = Workspace()
      var flights = FlightsRun(restart: "{ max: 2, within: 1m, backoff: 1ms..2ms }")
      flights.input = ManyFlights(times: 40).write(to: workspace)
      let run = try flights.start(in: workspace)
      var killed: Set<Int32> = []
      for death in 1...3 {
        try Waiting.until("read.0 number \(death)\n\(run.errors)") {
          run.workers.contains { $0.name == "read.0" && !killed.contains($0.pid) } || !run.isRunning
        }
        guard let worker = run.workers.first(where: { $0.name == "read.0" && !killed.contains($0.pid) })
        else { break }
        worker.kill()
        killed.insert(worker.pid)
      }
      let result = try run.finish()
      #expect(killed.count == 3)
      #expect(result.status == 1)
      #expect(result.errors.contains("2 of 2 within 60 s"), "\(result.errors)")
      #expect(result.errors.contains("more than 2 restarts within 60 s"), "\(result.errors)")
    }
  }
}
