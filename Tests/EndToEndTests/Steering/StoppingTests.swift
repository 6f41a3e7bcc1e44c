import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// A stop that comes when the run is not simply running.
  @Suite struct StoppingTests {
    /// Whatever it was about to do when the signal came, it ends in order, and the same command goes on.
    @Test(arguments: [0, 2, 5, 10, 20, 40, 80])
    func `a stop while it starts is heeded`(milliseconds: Int) throws {
      let workspace = Workspace()
      let steered = SteeredRun(records: 20_000)
      let run = try steered.start(in: workspace)
      // Until it is the command itself, a signal ends what is to become it.
      try Waiting.until("the command") {
        FileBytes.read("/proc/\(run.pid)/comm").map { $0.starts(with: "procession".utf8) } ?? true
      }
      try Waiting.until("its state folder") { workspace.read(".procession/p/lock") != nil }
      try Waiting.pause(.milliseconds(milliseconds))
      try run.signal(SIGTERM)
      let result = try run.finish()
      #expect(result.status == 3 || result.status == 0, "\(result.errors)")
      if result.status == 3 { steered.expectComplete(try workspace.run(["run", "p.yaml"]), in: workspace) }
    }

    @Test func `a stop does not wait for a backoff`() throws {
      let workspace = Workspace()
      let steered = SteeredRun(
        keys: "restart: { max: 5, within: 1m, backoff: 50s..50s }, ", workers: 1)
      let run = try steered.startWriting(in: workspace)
      try #require(workspace.processes.first { $0.name == "work.0" }).kill()
      try run.waitForErrors(containing: "work.0 was killed by SIGKILL")
      try run.signal(SIGTERM)
      let result = try run.wait(within: .seconds(20))
      #expect(result.status == 3, "\(result.errors)")
      workspace.expectNothingLeft()
    }

    @Test func `a second stop ends it at once, by the signal`() throws {
      let workspace = Workspace()
      let steered = SteeredRun()
      let run = try steered.startWriting(in: workspace)
      // A writer that stands still can't finish what is in flight.
      kill(try #require(workspace.processes.first { $0.name == "write.0" }).pid, SIGSTOP)
      try run.signal(SIGTERM)
      try run.waitForErrors(containing: "draining")
      #expect(run.isRunning)
      try run.signal(SIGTERM)
      #expect(try run.finish().status == -SIGTERM)
      steered.expectComplete(try workspace.run(["run", "p.yaml"]), in: workspace)
    }
  }
}
