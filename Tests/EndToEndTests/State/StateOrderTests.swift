import Testing

extension EndToEnd {
  /// What order holds behind stages that keep state, and what several workers of one write.
  @Suite struct StateOrderTests {
    @Test(arguments: ["running", "totals", "everything", "distinct"])
    func oneWorkerWritesWhatAProcessWould(mode: String) throws {
      let workspace = Workspace()
      let run = StateRun(mode: mode)
      expectComplete(try run.complete(in: workspace), workspace.read("out.jsonl"), run.expected)
    }

    /// Each key has one worker, which sees its records in their order.
    @Test(arguments: ["running", "everything"]) func severalWorkersWriteTheSameRecords(mode: String) throws {
      let workspace = Workspace()
      var run = StateRun(mode: mode)
      run.keys = "workers: 3, key: .k, "
      let result = try run.complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      #expect(StateRun.sorted(workspace.read("out.jsonl")) == StateRun.sorted(run.expected))
      let table = try FinishedTable(result.errors)
      #expect(table.recordsIn["count"] == 20_000)
      #expect(table.recordsOut["count"] == (mode == "running" ? 20_000 : 20_300))
    }

    /// By batch, then by the order of the sources: each file here is one batch.
    @Test func twoSourcesMeetInTheOrderOfTheFile() throws {
      let workspace = Workspace()
      let (a, b) = (StateRun.rows(3_000, keys: 50), StateRun.rows(2_000, keys: 70, seed: 2))
      workspace.write("a.jsonl", StateRun.text(a))
      workspace.write("b.jsonl", StateRun.text(b))
      workspace.write(
        "p.yaml",
        """
        stages:
          a: { source: { file: a.jsonl } }
          b: { source: { file: b.jsonl } }
          count: { from: [b, a], steps: [ { use: running } ] }
          write: { from: count, sink: { file: out.jsonl } }
        """)
      let result = try workspace.run(["run", "p.yaml"], program: StateRun.program)
      expectComplete(result, workspace.read("out.jsonl"), StateRun.expected("running", a + b))
    }

    @Test func theOrderThatHoldsIsExplained() throws {
      let workspace = Workspace()
      workspace.write("in.jsonl", "{}\n")
      func explained(_ count: String, _ write: String = "") throws -> RunResult {
        workspace.write(
          "p.yaml",
          """
          stages:
            read: { source: { file: in.jsonl } }
            count: { \(count)steps: [ { use: totals } ] }
            write: { \(write)sink: { file: out.jsonl } }
          """)
        return try workspace.run(["validate", "--explain", "p.yaml"], program: StateRun.program)
      }
      #expect(try explained("").outputText.contains("default order: source"))
      let several = try explained("workers: 2, key: .k, ").outputText
      #expect(
        several.contains(
          "default order: any, as stage 'count' keeps state and may owe records until its end"),
        "\(several)")
      let refused = try explained("workers: 2, key: .k, ", "order: source, ")
      #expect(refused.status == 2)
      #expect(
        refused.errors.contains("can't write in the order of the sources: stage 'count' keeps state"),
        "\(refused.errors)")
      let unkeyed = try explained("workers: 2, ")
      #expect(
        unkeyed.status == 2 && unkeyed.errors.contains("add 'key: .field', which decides who gets a record"),
        "\(unkeyed.errors)")
    }
  }
}
