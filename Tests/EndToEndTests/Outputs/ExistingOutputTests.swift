import Foundation
import Testing

extension EndToEnd {
  /// What becomes of a file that is there already.
  @Suite struct ExistingOutputTests {
    private static let record = "{\"a\":1}\n"

    private func workspace() -> Workspace {
      let workspace = Workspace()
      workspace.write("in.jsonl", Self.record)
      return workspace
    }

    private func run(_ existing: String, in workspace: Workspace, path: String = "out.jsonl") throws
      -> RunResult
    {
      try workspace.run(
        pipeline: """
          stages:
            read: { source: { file: in.jsonl } }
            write: { sink: { file: { path: \(path), existing: \(existing) } } }
          """)
    }

    @Test func ownReplacesWhatThisPipelineWrote() throws {
      let workspace = workspace()
      for _ in 1...2 {
        #expect(try run("own", in: workspace).status == 0)
        #expect(workspace.text("out.jsonl") == Self.record)
      }
    }

    @Test(arguments: ["own", "refuse"])
    func somebodyElsesFileIsLeftAlone(existing: String) throws {
      let workspace = workspace()
      workspace.write("out.jsonl", "precious")
      let result = try run(existing, in: workspace)
      #expect(result.status == 2)
      #expect(result.errors.contains("p.yaml:3:34: error: out.jsonl exists"), "\(result.errors)")
      #expect(workspace.text("out.jsonl") == "precious")
    }

    @Test func replaceReplacesAnything() throws {
      let workspace = workspace()
      workspace.write("out.jsonl", "not precious")
      #expect(try run("replace", in: workspace).status == 0)
      #expect(workspace.text("out.jsonl") == Self.record)
    }

    @Test func appendKeepsWhatIsThere() throws {
      let workspace = workspace()
      workspace.write("out.jsonl", "[0]\n")
      #expect(try run("append", in: workspace).status == 0)
      #expect(try run("append", in: workspace).status == 0)
      #expect(workspace.text("out.jsonl") == "[0]\n" + Self.record + Self.record)
    }

    @Test func appendNeedsAWholeLastLine() throws {
      let workspace = workspace()
      workspace.write("out.jsonl", "[0]")
      let result = try run("append", in: workspace)
      #expect(result.status == 2)
      #expect(result.errors.contains("out.jsonl: error: it does not end with a newline"), "\(result.errors)")
      #expect(workspace.text("out.jsonl") == "[0]")
    }

    @Test func appendedCSVHasOneHeader() throws {
      let workspace = workspace()
      for _ in 1...2 { #expect(try run("append", in: workspace, path: "out.csv").status == 0) }
      #expect(workspace.text("out.csv") == "a\n1\n1\n")
    }

    /// The writer's replacement does not fill up what somebody has removed.
    @Test func anOutputThatIsRemovedDuringTheRun() throws {
      let workspace = Workspace()
      var flights = FlightsRun(restart: "{ max: 5, within: 1m, backoff: 500ms..500ms }")
      flights.faults = "write.0:after-commit:1"
      let run = try flights.start(in: workspace)
      try run.waitForErrors(containing: "write.0 was killed by SIGKILL")
      try FileManager.default.removeItem(atPath: workspace["out.jsonl"])
      let result = try run.finish()
      #expect(result.status == 1)
      #expect(result.errors.contains("bytes of it were committed and it has 0 now"), "\(result.errors)")
    }

    @Test func missingFoldersAreMade() throws {
      let workspace = workspace()
      #expect(try run("own", in: workspace, path: "a/b/out.jsonl").status == 0)
      #expect(workspace.text("a/b/out.jsonl") == Self.record)
    }
  }
}
