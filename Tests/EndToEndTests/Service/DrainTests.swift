import Glibc
import POSIXKit
import TestSupport
import Testing

extension EndToEnd {
  /// What a run says when it is told to stop, and what its exit status tells.
  @Suite struct DrainTests {
    /// A run whose writer stands still, so that something is in flight.
    private func standing(in workspace: Workspace) throws -> (run: PipelineRunner, writer: RunProcess) {
      let flights = FlightsRun(input: ManyFlights(times: 30).write(to: workspace))
      let command = flights.command(in: workspace)
      let run = try workspace.start(
        command.arguments + ["--log-format", "json"], environment: command.environment)
      try Waiting.until("some output") { (workspace.read("out.jsonl") ?? []).count > 0 }
      let writer = try #require(run.workers.first { $0.name == "write.0" })
      kill(writer.pid, SIGSTOP)
      return (run, writer)
    }

    @Test func whatIsInFlightIsToldUntilNothingIs() throws {
      let workspace = Workspace()
      let (run, writer) = try standing(in: workspace)
      try run.signal(SIGTERM)
      try run.waitForErrors(containing: "still draining after 5.")
      kill(writer.pid, SIGCONT)
      let result = try run.finish()
      #expect(result.status == 3, "\(result.errors)")
      let lines = try LogLine.all(result.errors)
      let drains = lines.filter { $0.event == "draining" }
      #expect(drains.count == 2, "\(result.errors)")
      for drain in drains {
        let batches = try #require(drain.fields["batches"] as? Int)
        #expect(batches > 0 && drain.fields["oldest_source"] as? String == "read.0")
        let oldest = try #require(drain.fields["oldest_batch"] as? Int)
        #expect(drain.message.contains("the oldest is batch \(oldest) of read.0"), "\(drain.message)")
      }
      // The same one, and older by now.
      #expect(drains[0].fields["oldest_batch"] as? Int == drains[1].fields["oldest_batch"] as? Int)
      let age = try #require(drains[1].fields["oldest_seconds"] as? Double)
      #expect(age > 5 && age < 30)
      let end = try #require(lines.first { $0.event == "drained" })
      #expect(end.fields["batches"] as? Int == 0 && end.message.contains("nothing is left in flight"))
      #expect(lines.last?.fields["outcome"] as? String == "stopped")
    }

    @Test func whatIsLeftIsToldWhenItIsForced() throws {
      let workspace = Workspace()
      let (run, _) = try standing(in: workspace)
      try run.signal(SIGTERM)
      try run.waitForErrors(containing: "draining: ")
      try run.signal(SIGTERM)
      let result = try run.finish()
      #expect(result.status == -SIGTERM)
      let lines = try LogLine.all(result.errors)
      let end = try #require(lines.first { $0.event == "drained" })
      #expect(end.level == "warning" && (end.fields["batches"] as? Int ?? 0) > 0)
      #expect(end.message.contains("the same command does them again"), "\(end.message)")
      #expect(lines.last?.fields["outcome"] as? String == "forced")

      // Nothing of it is lost.
      let again = try FlightsRun(input: "many.csv").complete(in: workspace)
      #expect(again.status == 0, "\(again.errors)")
      expectSameBytes(workspace.read("out.jsonl"), ManyFlights(times: 30).expected)
    }

    @Test func whatNeverEndsIsDoneWhenItIsDrained() throws {
      let followed = try FollowedRun()
      followed.append(100)
      try followed.waitForOutput()
      let result = try followed.drain()
      #expect(result.status == 0)
      #expect(result.errors.contains("notice draining: "), "\(result.errors)")
      #expect(result.errors.contains("nothing is left in flight"), "\(result.errors)")
    }

    @Test func whatNeverEndsDiesBySignalWhenItIsForced() throws {
      let followed = try FollowedRun()
      followed.append(100)
      try followed.waitForOutput()
      let writer = try #require(followed.run.workers.first { $0.name == "write.0" })
      kill(writer.pid, SIGSTOP)
      followed.append(10)
      try followed.run.signal(SIGTERM)
      try followed.run.waitForErrors(containing: "draining: ")
      try followed.run.signal(SIGTERM)
      let result = try followed.run.finish()
      #expect(result.status == -SIGTERM, "\(result.errors)")
      try followed.start()
      try followed.waitForOutput()
      #expect(try followed.drain().status == 0)
    }

    @Test func whatIsCompleteDespiteTheSignalIsComplete() throws {
      let workspace = Workspace()
      let flights = FlightsRun()
      let run = try flights.start(in: workspace)
      try Waiting.until("the last of the output") {
        (workspace.read("out.jsonl") ?? []).count == Repository.expectedFlights.count || !run.isRunning
      }
      try? run.signal(SIGTERM)
      let result = try run.finish()
      // All was read: whether the signal came before its end or after, nothing is left to do.
      #expect(result.status == 0, "\(result.errors)")
    }
  }
}
