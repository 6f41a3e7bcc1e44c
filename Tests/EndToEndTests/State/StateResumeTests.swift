import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// Runs with stages that keep state which stop, and go on with what they knew.
  @Suite struct StateResumeTests {
    private func stopped(_ run: StateRun, in workspace: Workspace) throws -> RunResult {
      let before = FileBytes.size(workspace["out.jsonl"])
      let runner = try run.start(in: workspace)
      try Waiting.until("some output") {
        FileBytes.size(workspace["out.jsonl"]) > before || !runner.isRunning
      }
      try? runner.signal(SIGTERM)
      return try runner.finish()
    }

    /// A drained run has written all that what it read led to, and nothing of what its state owes at the end.
    @Test func aDrainedRunGoesOnWithItsState() throws {
      let workspace = Workspace()
      var run = StateRun()
      run.rows = StateRun.rows(900_000, keys: 2_000)
      workspace.write("in.jsonl", StateRun.text(run.rows))
      let expected = run.expected
      var stops = 0
      for _ in 0..<2 {
        let result = try stopped(run, in: workspace)
        if result.status != 3 {
          // It came to its end before it heard of the stop.
          #expect(stops > 0)
          return expectComplete(result, workspace.read("out.jsonl"), expected)
        }
        stops += 1
        #expect(!result.errors.contains("that were sent to it"), "\(result.errors)")
        let written = try #require(workspace.read("out.jsonl"))
        #expect(expected.starts(with: written) && !String(decoding: written, as: UTF8.self).contains("total"))
        let table = try FinishedTable(result.errors)
        #expect(table.recordsIn["count"] == table.recordsOut["write"], "\(result.errors)")
      }
      #expect(stops > 0)
      let shown = try workspace.run(["state", "show", "p.yaml"], program: StateRun.program)
      #expect(shown.outputText.contains(" keys from "), "\(shown.outputText)")
      let result = try run.start(in: workspace).finish()
      expectComplete(result, workspace.read("out.jsonl"), expected)
      #expect(result.errors.contains("going on with the run of "), "\(result.errors)")
    }

    @Test func freshForgetsWhatTheStateKnew() throws {
      let workspace = Workspace()
      var run = StateRun(mode: "running")
      run.rows = StateRun.rows(900_000, keys: 10)
      workspace.write("in.jsonl", StateRun.text(run.rows))
      #expect(try stopped(run, in: workspace).status == 3)
      run.rows = StateRun.rows(1_000, keys: 10, seed: 9)
      workspace.write("in.jsonl", StateRun.text(run.rows))
      let result = try run.start(in: workspace, "--fresh").finish()
      expectComplete(result, workspace.read("out.jsonl"), run.expected)
    }

    @Test func aNewRunBeginsWithoutState() throws {
      let workspace = Workspace()
      let run = StateRun(mode: "running", rows: StateRun.rows(1_000, keys: 10))
      for _ in 1...2 {
        expectComplete(try run.complete(in: workspace), workspace.read("out.jsonl"), run.expected)
      }
    }

    /// What never ends is drained with status 0, and then everything that was read is written.
    @Test(arguments: ["", "count.0:before-commit:3", "count.0:after-send:2", "write.0:before-commit:2"])
    func aFollowedFileIsCountedOnceOverStopsAndDeaths(faults: String) throws {
      let workspace = Workspace()
      let pipeline = """
        stages:
          read: { P, source: { file: { path: log.jsonl, follow: true } } }
          count: { P, steps: [ { use: running } ] }
          write: { P, sink: { file: out.jsonl } }
        """
      workspace.write("p.yaml", pipeline.replacing("P,", with: "\(StateRun.patient),"))
      workspace.write("log.jsonl", [])
      var rows: [StateRun.Row] = []
      for round in 0..<3 {
        let runner = try workspace.start(
          ["run", "p.yaml"], environment: ["PROCESSION_FAULTS": faults], program: StateRun.program)
        for _ in 0..<5 {
          let more = StateRun.rows(200, keys: 20, seed: UInt64(rows.count + 1))
          let file = fopen(workspace["log.jsonl"], "a")!
          fputs(String(decoding: StateRun.text(more), as: UTF8.self), file)
          fclose(file)
          rows += more
          try Waiting.pause(.milliseconds(20))
        }
        let expected = StateRun.expected("running", rows)
        try Waiting.until("the output of round \(round)\n\(runner.errors)") {
          try #require(runner.isRunning, "\(runner.errors)")
          return FileBytes.size(workspace["out.jsonl"]) >= expected.count
        }
        try runner.signal(SIGTERM)
        let result = try runner.finish()
        #expect(result.status == 0 && result.errors.contains("drained in "), "\(result.errors)")
        expectSameBytes(workspace.read("out.jsonl"), expected, result.errors)
      }
    }

    @Test func aStateOfOtherWorkersOrSettingsIsNotTaken() throws {
      let workspace = Workspace()
      var run = StateRun(mode: "running")
      run.rows = StateRun.rows(900_000, keys: 10)
      workspace.write("in.jsonl", StateRun.text(run.rows))
      #expect(try stopped(run, in: workspace).status == 3)
      run.keys = "workers: 2, key: .k, "
      let keyed = try run.start(in: workspace).finish()
      #expect(
        keyed.status == 2 && keyed.errors.contains("its workers changed from 1 to 2"), "\(keyed.errors)")
      run.keys = ""
      run.mode = "everything"
      let other = try run.start(in: workspace).finish()
      #expect(
        other.status == 2 && other.errors.contains("its step is 'everything' now, and was 'running'"),
        "\(other.errors)")
    }
  }
}
