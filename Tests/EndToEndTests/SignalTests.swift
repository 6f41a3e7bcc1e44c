import Glibc
import POSIXKit
import TestSupport
import Testing

extension EndToEnd {
  /// Runs that are told to stop, and runs that meet.
  @Suite struct SignalTests {
    /// A run of `times` the flights that has begun to write.
    private func started(_ times: Int, in workspace: Workspace) throws -> PipelineRunner {
      var flights = FlightsRun()
      flights.input = ManyFlights(times: times).write(to: workspace)
      let run = try flights.start(in: workspace)
      try Waiting.until("some output") { (workspace.read("out.jsonl") ?? []).count > 0 }
      return run
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func theFirstOneDrains(signal: Int32) throws {
      let workspace = Workspace()
      let run = try started(30, in: workspace)
      try run.signal(signal)
      let result = try run.finish()
      #expect(result.status == 3, "\(result.errors)")
      #expect(result.errors.contains("stopped with work left"), "\(result.errors)")
      let written = try #require(workspace.read("out.jsonl"))
      let whole = ManyFlights(times: 30).expected
      #expect(written.count > 0 && written.count < whole.count)
      #expect(written.last == UInt8(ascii: "\n"))
      #expect(written.isPrefix(of: whole))
    }

    /// The source has said where it ends, and dies: its replacement must end at the same place.
    @Test(arguments: FlightsRun.methods)
    func theSourceDiesWhileItDrains(method: String) throws {
      let workspace = Workspace()
      let many = ManyFlights(times: 60)
      var flights = FlightsRun.all(method)
      flights.input = many.write(to: workspace)
      flights.faults = "read.0:after-report:1"
      let run = try flights.start(in: workspace)
      try Waiting.until("some output") { (workspace.read("out.jsonl") ?? []).count > 0 }
      try run.signal(SIGTERM)
      let result = try run.finish()
      #expect(result.status == 3, "\(result.errors)")
      #expect(result.errors.contains("read.0 was killed by SIGKILL"), "\(result.errors)")
      let written = try #require(workspace.read("out.jsonl"))
      #expect(written.last == UInt8(ascii: "\n"))
      #expect(written.isPrefix(of: many.expected))
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func theSecondOneEndsItAtOnce(signal: Int32) throws {
      let workspace = Workspace()
      let run = try started(30, in: workspace)
      // The writer stands still, so that draining can't end before the second signal.
      let writer = try #require(run.workers.first { $0.name == "write.0" })
      kill(writer.pid, SIGSTOP)
      try run.signal(signal)
      try run.waitForErrors(containing: "draining; a second one ends the run at once")
      try run.signal(signal)
      let result = try run.finish()
      #expect(result.status == -signal, "\(result.errors)")
    }

    @Test func aSecondRunOnTheSameStateIsRefused() throws {
      let workspace = Workspace()
      let run = try started(10, in: workspace)
      // It stands still, so that it can't end before the second has given up.
      for worker in run.workers { kill(worker.pid, SIGSTOP) }
      let second = try FlightsRun().start(in: workspace).wait()
      #expect(second.status == 5, "\(second.errors)")
      #expect(second.errors.contains("in use by another run"), "\(second.errors)")

      #expect(second.errors.contains("\(run.pid)"), "\(run.pid) in \(second.errors)")
      for worker in run.workers { kill(worker.pid, SIGCONT) }
      let first = try run.finish()
      #expect(first.status == 0, "\(first.errors)")
    }
  }
}
