import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// Files that change while they are read.
  @Suite struct ChangingInputTests {
    /// The source dies, and before its replacement starts, its file becomes another one or vanishes.
    @Test(arguments: [true, false])
    func aFileThatIsGoneAfterARestart(isReplaced: Bool) throws {
      let workspace = Workspace()
      let input = ManyFlights(times: 1).write(to: workspace)
      var flights = FlightsRun(restart: "{ max: 5, within: 1m, backoff: 500ms..500ms }")
      flights.input = input
      flights.faults = "read.0:after-send:1"
      let run = try flights.start(in: workspace)
      try run.waitForErrors(containing: "read.0 was killed by SIGKILL")
      // Made first, so that it can't get the old one's inode.
      workspace.write("other.csv", Repository.flights)
      if isReplaced {
        rename(workspace["other.csv"], workspace[input])
      } else {
        unlink(workspace[input])
      }
      let result = try run.finish()
      #expect(result.status == 1)
      let text =
        isReplaced
        ? "many.csv: error: it is not the file that was there when the run began"
        : "many.csv: error: it was there when the run began and can't be opened"
      #expect(result.errors.contains(text), "\(result.errors)")
    }

    @Test func aFileThatShrinks() throws {
      let workspace = Workspace()
      var flights = FlightsRun()
      flights.input = ManyFlights(times: 60).write(to: workspace)
      let run = try flights.start(in: workspace)
      try Waiting.until("a writer that writes") {
        (workspace.read("out.jsonl") ?? []).count > 0 && run.workers.contains { $0.name == "write.0" }
      }
      // Without its writer the source can't get further ahead than its window.
      let writer = try #require(run.workers.first { $0.name == "write.0" })
      kill(writer.pid, SIGSTOP)
      truncate(workspace["many.csv"], 9_000_000)
      kill(writer.pid, SIGCONT)
      let result = try run.finish()
      #expect(result.status == 1)
      #expect(
        result.errors.contains(
          "and now ends at 9000000"),
        "\(result.errors)")
    }

    @Test func aFileThatIsMissingAtTheStart() throws {
      let workspace = Workspace()
      let result = try workspace.run(
        pipeline: "stages:\n  read: { source: { file: no.csv } }\n  write: { sink: { file: out.jsonl } }\n")
      #expect(result.status == 2)
      #expect(
        result.errors.contains("p.yaml:2:27: error: the file 'no.csv' does not exist"), "\(result.errors)")
    }
  }
}
