import TestSupport
import Testing

extension EndToEnd {
  /// The processes that are no workers: the fork server and the one that draws progress.
  @Suite struct ServerKillTests {
    @Test(arguments: ["clean server", "progress"])
    func theRunGoesOnWithout(name: String) throws {
      let workspace = Workspace()
      let many = ManyFlights(times: 30)
      var flights = FlightsRun.all("forkserver")
      flights.input = many.write(to: workspace)
      let run = try flights.start(in: workspace)
      try Waiting.until("\(name) and four workers") {
        run.workers.contains { $0.name == name } && run.workers.contains { $0.name == "clean.0" }
      }
      try #require(run.workers.first { $0.name == name }).kill()
      let result = try run.finish()
      #expect(result.status == 0, "\(result.errors)")
      expectSameBytes(workspace.read("out.jsonl"), many.expected, result.errors)
    }

    /// The server dies, then one of its workers: the replacement comes from a new server.
    @Test func aDeadForkServerIsReplaced() throws {
      let workspace = Workspace()
      let many = ManyFlights(times: 10)
      var flights = FlightsRun(methods: ["clean": "forkserver"])
      flights.input = many.write(to: workspace)
      let run = try flights.start(in: workspace)
      func find(_ name: String) -> RunProcess? { run.workers.first { $0.name == name } }
      try Waiting.until("a worker that works") {
        find("clean.0") != nil && (workspace.read("out.jsonl") ?? []).count > 0
      }
      let (server, worker) = (try #require(find("clean server")), try #require(find("clean.0")))
      server.kill()
      try run.waitForErrors(containing: "clean: the fork server ended")
      worker.kill()
      try Waiting.until("another server and worker") {
        guard let server = find("clean server") else { return !run.isRunning }
        return find("clean.0") != nil && server.pid != worker.pid
      }
      let result = try run.finish()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("clean.0 was killed by SIGKILL"), "\(result.errors)")
      expectSameBytes(workspace.read("out.jsonl"), many.expected, result.errors)
    }
  }
}
