import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// Runs that are changed while records pass.
  @Suite struct SteeringTests {
    private func command(
      _ words: String..., in workspace: Workspace, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let result = try workspace.runBeside(words)
      #expect(result.status == 0, "\(words): \(result.errors)", sourceLocation: sourceLocation)
    }

    @Test func `workers that come and go lose nothing`() throws {
      let workspace = Workspace()
      let growing = GrowingRun()
      let run = try growing.start(in: workspace)
      for words in [
        ["scale", "work", "4"], ["restart", "work"], ["scale", "work", "1"], ["restart", "read.0"],
        ["restart", "write"], ["scale", "work", "3"], ["restart", "work.1"],
      ] {
        growing.append(in: workspace)
        let result = try workspace.runBeside(words)
        #expect(result.status == 0, "\(words): \(result.errors)")
      }
      #expect(try workspace.runBeside(["status"]).outputText.contains("3/3"))
      try growing.expectComplete(run, in: workspace)
      #expect(!run.errors.contains("was killed"), "\(run.errors)")
    }

    @Test func `a paused run writes no more until it is resumed`() throws {
      let workspace = Workspace()
      let steered = SteeredRun()
      let run = try steered.startWriting(in: workspace)
      try command("pause", in: workspace)
      try Waiting.until("nothing in flight") {
        let status = try workspace.runBeside(["status", "--json"]).output
        let flight = try JSONText.object(status)["in_flight"] as? [String: Any]
        return flight?["batches"] as? Int == 0
      }
      let length = workspace.read("out.jsonl")?.count
      let refused = try workspace.runBeside(["pause"])
      #expect(refused.status == 1 && refused.errors.contains("it is paused already"), "\(refused.errors)")
      #expect(workspace.read("out.jsonl")?.count == length && run.isRunning)
      try command("resume", in: workspace)
      steered.expectComplete(try run.finish(), in: workspace)
    }

    @Test func `a paused run can be stopped, and gone on with`() throws {
      let workspace = Workspace()
      let steered = SteeredRun()
      let run = try steered.startWriting(in: workspace)
      try command("pause", in: workspace)
      try command("stop", in: workspace)
      #expect(try run.finish().status == 3)
      steered.expectComplete(try workspace.run(["run", "p.yaml"]), in: workspace)
    }

    @Test func `what can't be done is refused, and says why`() throws {
      let workspace = Workspace()
      let steered = SteeredRun()
      let run = try steered.startWriting(in: workspace)
      for (words, text) in [
        (["scale", "write", "2"], "only stages with 'steps' share work freely"),
        (["scale", "work", "1000"], "stage work can have 1 to 32 workers"),
        (["scale", "wrok", "2"], "no stage"), (["restart", "work.7"], "stage work has no worker 7"),
        (["resume"], "it is not paused"),
      ] {
        let result = try workspace.runBeside(words)
        #expect(result.status != 0 && result.errors.contains(text), "\(words): \(result.errors)")
      }
      try run.signal(SIGKILL)
      _ = try run.wait()
      try Waiting.until("the end of \(workspace.processes)") { workspace.processes.isEmpty }
    }
  }
}
