import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// Restart strategies and parking, with real processes.
  @Suite struct StrategyTests {
    private static let restart = "restart: { max: 100, within: 1m, backoff: 1ms..5ms }, "

    /// The processes of a run, by name.
    private func workers(_ workspace: Workspace) -> [String: Int32] {
      let names = ["read.0", "work.0", "work.1", "write.0"]
      let found = workspace.processes.filter { names.contains($0.name) }.map { ($0.name, $0.pid) }
      return Dictionary(found) { $1 }
    }

    @Test(arguments: [
      ("one-for-one", ["work.0"]), ("rest-for-one", ["read.0", "work.0"]),
      ("one-for-all", ["read.0", "work.0", "work.1", "write.0"]),
    ])
    func `a death restarts those that the strategy names`(strategy: String, replaced: [String]) throws {
      let workspace = Workspace()
      let steered = SteeredRun(keys: Self.restart, top: "strategy: \(strategy)")
      let run = try steered.startWriting(in: workspace)
      try Waiting.until("four workers") { workers(workspace).count == 4 }
      let before = workers(workspace)
      kill(before["work.0"]!, SIGKILL)
      try Waiting.until("the others' restart") {
        let now = workers(workspace)
        return !run.isRunning || (now.count == 4 && replaced.allSatisfy { now[$0] != before[$0] })
      }
      let after = workers(workspace)
      try #require(run.isRunning, "\(run.errors)")
      for (name, pid) in before where !replaced.contains(name) { #expect(after[name] == pid, "\(name)") }
      steered.expectComplete(try run.finish(), in: workspace)
    }

    @Test func `a worker that is parked is done without`() throws {
      let workspace = Workspace()
      let steered = SteeredRun(
        keys: "restart: { max: 0, within: 1m, backoff: 1ms, exceeded: park }, ")
      let run = try steered.startWriting(in: workspace)
      kill(try #require(workers(workspace)["work.0"]), SIGKILL)
      try run.waitForErrors(containing: "it is left alone: more than 0 restarts within 60 s")
      let status = try workspace.runBeside(["status"]).outputText
      #expect(status.contains("degraded") && status.contains("parked"), "\(status)")
      let again = try workspace.runBeside(["restart", "work.0"])
      #expect(again.status == 0, "\(again.errors)")
      #expect(try workspace.runBeside(["status"]).outputText.contains("2/2"))
      steered.expectComplete(try run.finish(), in: workspace)
    }
  }
}
