import Glibc
import POSIXKit
import TestSupport
import Testing

extension EndToEnd {
  /// The supervisor killed with SIGKILL: nothing outlives it, and the next run goes on.
  @Suite struct SupervisorKillTests {
    @Test(arguments: FlightsRun.methods)
    func nothingOutlivesIt(method: String) throws {
      let workspace = Workspace()
      let many = ManyFlights(times: 5)
      var flights = FlightsRun.all(method)
      flights.input = many.write(to: workspace)
      let run = try flights.start(in: workspace)
      try Waiting.until("some output") { (workspace.read("out.jsonl") ?? []).count > 0 }
      let stale = workspace.names("sockets")
      #expect(stale.count == 1)
      try run.signal(SIGKILL)
      #expect(try run.wait().status == -SIGKILL)
      try Waiting.until("the end of \(workspace.processes)", within: .seconds(2)) {
        workspace.processes.isEmpty
      }

      let next = try flights.complete(in: workspace)
      #expect(next.status == 0, "\(next.errors)")
      expectSameBytes(workspace.read("out.jsonl"), many.expected, next.errors)
    }

    /// What a killed run could not tidy up is tidied by the next: its folder is known from the state.
    @Test func theNextRunRemovesStaleSockets() throws {
      let workspace = Workspace()
      let first = try FlightsRun().complete(in: workspace)
      #expect(first.status == 0, "\(first.errors)")
      let stale = "\(workspace.runtime)/procession-stale1"
      mkdir(stale, 0o700)
      FileBytes.write([], to: "\(stale)/0.0.1")
      workspace.write("state/run", stale)
      let next = try FlightsRun().complete(in: workspace)
      #expect(next.status == 0, "\(next.errors)")
      #expect(access(stale, F_OK) != 0)
    }
  }
}
