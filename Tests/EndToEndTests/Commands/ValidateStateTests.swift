import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// `procession validate` where an earlier run has left a state.
  @Suite struct ValidateStateTests {
    static let pipeline = """
      stages:
        read: { on_error: fail, source: { file: in.jsonl } }
        clean: { on_error: fail, steps: [{ map: .a }] }
        write: { on_error: fail, sink: { file: out.jsonl } }

      """
    static let verdict = "p.yaml: valid; 3 stages, 3 processes\n"
    static let lost = "does not keep the state (run with --fresh to start over)\n"

    /// A folder with the pipeline, and with a state that was made under it.
    private func workspace(state: String = ".procession/p") throws -> Workspace {
      let workspace = Workspace()
      workspace.write("in.jsonl", "{}\n")
      workspace.write("p.yaml", Self.pipeline)
      let result = try workspace.run(["validate", "p.yaml", "--json"])
      let plan = try #require(try JSONText.object(result.output)["plan"])
      try FileManager.default.createDirectory(
        atPath: workspace[state], withIntermediateDirectories: true)
      workspace.write("\(state)/plan.json", Array(try JSONSerialization.data(withJSONObject: plan)))
      workspace.write("\(state)/journal", "")
      return workspace
    }

    private func said(_ workspace: Workspace, _ more: String...) throws -> String {
      let result = try workspace.run(["validate", "p.yaml"] + more)
      #expect(result.status == 0 && result.errors == "", "\(result.errors)")
      return result.outputText
    }

    @Test func anUnchangedFileKeepsIt() throws {
      #expect(try said(workspace()) == Self.verdict + "keeps the state\n")
    }

    @Test func whatMeansNothingToItKeepsIt() throws {
      let workspace = try workspace()
      let more = "  extra: { from: clean, on_error: fail, sink: { file: extra.jsonl } }\n"
      workspace.write(
        "p.yaml",
        "# a comment\n"
          + Self.pipeline.replacing("clean: {", with: "clean: { from: read, workers: 2,")
          .replacing("write: {", with: "write: { from: clean,") + more)
      #expect(
        try said(workspace) == "p.yaml: valid; 4 stages, 5 processes\nkeeps the state\n"
          + "p.yaml:6:3: stage 'extra' is new: it gets what is read from now on\n")
    }

    @Test func eachChangeThatLosesItIsTold() throws {
      let workspace = try workspace()
      workspace.write(
        "p.yaml", Self.pipeline.replacing("map: .a", with: "map: .b").replacing("out.", with: "o."))
      #expect(
        try said(workspace) == Self.verdict
          + "p.yaml:3:43: stage 'clean', step 1 (map): its program changed\n"
          + "p.yaml:4:42: stage 'write': it writes 'o.jsonl' now, and wrote '\(workspace.path)/out.jsonl'\n"
          + Self.lost)
      let document = try JSONText.object(workspace.run(["validate", "p.yaml", "--json"]).output)
      let state = try #require(document["state"] as? [String: Any])
      #expect(state["keeps"] as? Bool == false)
      let changes = try #require(state["changes"] as? [[String: Any]])
      #expect(changes.map { $0["line"] as? Int } == [3, 4])
    }

    @Test func aStateOfAnotherVersionIsTold() throws {
      let workspace = try workspace()
      workspace.write(".procession/p/plan.json", "{ \"name\": \"p\" }")
      #expect(
        try said(workspace) == Self.verdict + "the state was made by another version\n" + Self.lost)
    }

    @Test func itMayLieElsewhere() throws {
      let workspace = try workspace(state: "else/where")
      #expect(try said(workspace) == Self.verdict)
      #expect(try said(workspace, "--state", "else/where") == Self.verdict + "keeps the state\n")
    }

    @Test func withoutAJournalThereIsNone() throws {
      let workspace = try workspace()
      unlink(workspace[".procession/p/journal"])
      #expect(try said(workspace) == Self.verdict)
    }
  }
}
