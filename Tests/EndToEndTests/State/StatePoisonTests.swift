import TestSupport
import Testing

extension EndToEnd {
  /// Records that a step with state refuses, or that end it.
  @Suite struct StatePoisonTests {
    private func run(_ more: String, every: Int, _ mode: String = "everything") -> StateRun {
      var run = StateRun(mode: mode)
      for index in stride(from: 7, to: run.rows.count, by: every) { run.rows[index].more = more }
      return run
    }

    private func letters(_ run: StateRun, _ cause: String) -> [String] {
      run.rows.indices.filter { !run.rows[$0].more.isEmpty }.map { "count in.jsonl:\($0 + 1) \(cause)" }
    }

    @Test(arguments: ["", "count.0:before-commit:1", "count.0:after-commit:1", "count.0:after-send:2"])
    func refusedRecordsLeaveNothingInTheStateAndOneLetterEach(faults: String) throws {
      let workspace = Workspace()
      var run = run(",\"bad\":1", every: 501)
      run.faults = faults
      let result = try run.complete(in: workspace)
      expectComplete(result, workspace.read("out.jsonl"), run.expected, faults)
      #expect(try workspace.letters(listedBy: StateRun.program) == letters(run, "a bad record"))
      #expect(try FinishedTable(result.errors).dead["count"] == letters(run, "").count)
    }

    @Test func droppedRecordsAreCounted() throws {
      let workspace = Workspace()
      var run = run(",\"bad\":1", every: 501)
      run.keys = "on_error: drop, "
      let result = try run.complete(in: workspace)
      expectComplete(result, workspace.read("out.jsonl"), run.expected)
      #expect(try FinishedTable(result.errors).filtered["count"] == letters(run, "").count)
      #expect(try workspace.letters(listedBy: StateRun.program) == [])
    }

    @Test func aRefusalEndsTheRunWhereItIsToldTo() throws {
      let workspace = Workspace()
      var run = run(",\"bad\":1", every: 501)
      run.keys = "on_error: fail, "
      let result = try run.complete(in: workspace)
      #expect(result.status == 1)
      #expect(result.errors.contains("in.jsonl:8: error: a bad record"), "\(result.errors)")
    }

    @Test(arguments: ["", "workers: 2, key: .k, "])
    func recordsThatEndTheStepAreTakenOut(keys: String) throws {
      let workspace = Workspace()
      var run = run(",\"deadly\":1", every: 9_001)
      run.keys = keys
      let result = try run.complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      #expect(StateRun.sorted(workspace.read("out.jsonl")) == StateRun.sorted(run.expected))
      #expect(try workspace.letters(listedBy: StateRun.program) == letters(run, "SIGABRT"))
    }

    /// A letter from below keeps its place in the input, through the stage with state.
    @Test func lettersFromBelowNameTheInput() throws {
      let workspace = Workspace()
      workspace.write("in.jsonl", StateRun.text(StateRun.rows(5_000, keys: 30)))
      workspace.write(
        "p.yaml",
        """
        stages:
          read: { source: { file: in.jsonl } }
          count: { steps: [ { use: running } ] }
          check: { workers: 2, steps: [ { map: 'if .n == 1234 then error("no") else . end' } ] }
          write: { sink: { file: out.jsonl } }
        """)
      let result = try workspace.run(["run", "p.yaml"], program: StateRun.program)
      #expect(result.status == 0, "\(result.errors)")
      let letters = try workspace.letters(listedBy: StateRun.program)
      #expect(letters.count == 1 && letters[0].hasPrefix("check in.jsonl:1235 "), "\(letters)")
    }

    @Test func lettersAreNotPutBackInBehindAStatesBack() throws {
      let workspace = Workspace()
      let run = run(",\"bad\":1", every: 5_001)
      _ = try run.complete(in: workspace)
      let result = try workspace.run(
        ["dead-letters", "replay", "p.yaml", "--all"], program: StateRun.program)
      #expect(result.status == 2)
      #expect(
        result.errors.contains("stage 'count' would get what becomes of them, and it keeps state"),
        "\(result.errors)")
      #expect(try workspace.letters(listedBy: StateRun.program).count == letters(run, "").count)
    }

    @Test func aStageWithStateIsNotScaled() throws {
      let workspace = Workspace()
      var run = StateRun(mode: "running")
      run.rows = StateRun.rows(400_000, keys: 10)
      workspace.write("in.jsonl", StateRun.text(run.rows))
      let runner = try run.start(in: workspace)
      try Waiting.until("some output") { FileBytes.size(workspace["out.jsonl"]) > 0 || !runner.isRunning }
      let refused = try workspace.start(["scale", "p/count", "2"], program: StateRun.program).wait()
      #expect(refused.status != 0)
      #expect(refused.errors.contains("it keeps state"), "\(refused.errors)")
      expectComplete(try runner.finish(), workspace.read("out.jsonl"), run.expected)
    }
  }
}
