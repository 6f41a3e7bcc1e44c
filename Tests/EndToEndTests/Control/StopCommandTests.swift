import Glibc
import POSIXKit
import TestSupport
import Testing

extension EndToEnd {
  /// `stop`: what ends, how, and what is told of it.
  @Suite struct StopCommandTests {
    /// A run of many flights that has begun to write.
    private func started(_ times: Int, in workspace: Workspace) throws -> PipelineRunner {
      var flights = FlightsRun()
      flights.input = ManyFlights(times: times).write(to: workspace)
      let run = try flights.start(in: workspace)
      try Waiting.until("some output") { (workspace.read("out.jsonl") ?? []).count > 0 }
      return run
    }

    @Test func `a stop drains, waits, and tells what the run said`() throws {
      let watched = try WatchedRun()
      let stop = try watched.command("stop", "p.yaml", "--json")
      #expect(stop.status == 0, "\(stop.errors)")
      let said = try JSONText.object(stop.output)
      #expect(said["schema"] as? String == "procession.stop/1" && said["outcome"] as? String == "drained")
      #expect(said["exit_status"] as? Int == 0)
      #expect(stop.errors.contains("p: draining") && stop.errors.contains("drained in"), "\(stop.errors)")
      let result = try watched.run.finish()
      #expect(result.status == 0, "\(result.errors)")
      expectSameBytes(watched.workspace.read("out"), watched.followed.expected)
    }

    @Test func `what is left is gone on with, and nothing is lost`() throws {
      let workspace = Workspace()
      let run = try started(30, in: workspace)
      let stop = try workspace.runBeside(["stop", Repository.pipeline("flights"), "--json"])
      #expect(stop.status == 0, "\(stop.errors)")
      #expect(try JSONText.object(stop.output)["outcome"] as? String == "stopped")
      #expect(try run.finish().status == 3)
      var flights = FlightsRun()
      flights.input = "many.csv"
      let second = try flights.complete(in: workspace)
      #expect(second.status == 0, "\(second.errors)")
      expectSameBytes(workspace.read("out.jsonl"), ManyFlights(times: 30).expected)
    }

    @Test func `while it drains, what is in flight is told, and a second stop ends it at once`() throws {
      let workspace = Workspace()
      let run = try started(30, in: workspace)
      // The writer stands still, so that draining takes as long as this test likes.
      let writer = try #require(run.workers.first { $0.name == "write.0" })
      kill(writer.pid, SIGSTOP)
      let stop = try workspace.start(["stop", Repository.pipeline("flights")])
      try stop.waitForErrors(containing: "in flight")
      let again = try workspace.runBeside(["stop", Repository.pipeline("flights")])
      #expect(again.status == 1 && again.errors.contains("draining already"), "\(again.errors)")
      let now = try workspace.runBeside(["stop", Repository.pipeline("flights"), "--now"])
      #expect(now.status == 0, "\(now.errors)")
      let first = try stop.wait()
      #expect(first.status == 1 && first.errors.contains("was ended at once"), "\(first.errors)")
      #expect(try run.finish().status == -SIGTERM)
    }

    @Test func `a drain that takes longer than its timeout is ended at once`() throws {
      let workspace = Workspace()
      let run = try started(30, in: workspace)
      let writer = try #require(run.workers.first { $0.name == "write.0" })
      kill(writer.pid, SIGSTOP)
      let stop = try workspace.runBeside(["stop", Repository.pipeline("flights"), "--timeout", "300ms"])
      #expect(stop.status == 0 && stop.errors.contains("ended at once"), "\(stop.errors)")
      #expect(try run.finish().status == -SIGTERM)
    }

    @Test func `a stop that does not wait leaves the run to its end`() throws {
      let watched = try WatchedRun()
      let stop = try watched.command("stop", "p", "--no-wait")
      #expect(stop.status == 0 && stop.output.isEmpty, "\(stop.errors)")
      #expect(try watched.run.finish().status == 0)
    }

    @Test(arguments: [
      (["stop", "--now", "--timeout", "3s"], "exclude each other"),
      (["stop", "--timeout", "3"], "write 3s"), (["scale", "keep", "0"], "1 worker at least"),
      (["scale", "keep"], "workers"), (["logs", "--lines=-1"], "below 0"),
      (["restart", "a/"], "a/"), (["top", "--interval", "fast"], "--interval"),
    ])
    func `what can't be meant is refused before anything is looked for`(arguments: [String], says: String)
      throws
    {
      let result = try Workspace().run(arguments)
      #expect(result.status == 2 && result.errors.contains(says), "\(result.errors)")
    }
  }
}
