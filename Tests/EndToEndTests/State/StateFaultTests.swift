import Testing

extension EndToEnd {
  /// The worker of a stage with state killed at each place where its death could tell the difference.
  @Suite struct StateFaultTests {
    /// One batch comes in, and of what the state owes at the end there are several: so the first write and
    /// commit are the batch's, the second ones those of the end.
    static let faults =
      ["ready", "taken", "write", "commit", "done", "send", "report"].flatMap { point in
        (1...(["ready", "taken", "done"].contains(point) ? 1 : 2)).flatMap {
          ["count.0:before-\(point):\($0)", "count.0:after-\(point):\($0)"]
        }
      } + ["count.0:before-send:4", "count.0:before-commit:3", "count.0:after-commit:3"]

    @Test(arguments: faults) func oneDeathAloneChangesNothing(fault: String) throws {
      let workspace = Workspace()
      var run = StateRun()
      run.rows = StateRun.rows(2_000, keys: 300)
      run.faults = fault
      let result = try run.complete(in: workspace)
      expectComplete(result, workspace.read("out.jsonl"), run.expected, fault)
      // After its last report it has nothing left to do.
      if fault == "count.0:after-report:2" { return }
      #expect(result.errors.contains("count.0 was killed by SIGKILL after"), "\(fault)\n\(result.errors)")
    }

    @Test(arguments: ["spawn", "fork"], 1...5)
    func deathsOfAllStagesChangeNothing(method: String, number: Int) throws {
      let workspace = Workspace()
      var run = StateRun()
      run.method = method
      run.faults =
        "read.0:after-send:\(number),count.0:before-commit:\(number),write.0:before-commit:\(number)"
      let result = try run.complete(in: workspace)
      expectComplete(result, workspace.read("out.jsonl"), run.expected, run.faults)
    }
  }
}
