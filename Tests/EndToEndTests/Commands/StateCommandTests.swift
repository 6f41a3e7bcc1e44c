import Glibc
import Stages
import TestSupport
import Testing

extension EndToEnd {
  /// `procession state list`, `show` and `rm`.
  @Suite struct StateCommandTests {
    private let workspace = Workspace()

    init() {
      workspace.write("in.jsonl", "{\"a\":1}\n{\"a\":\"x\"}\n")
      workspace.write(
        "p.yaml",
        """
        stages:
          read: { source: { file: in.jsonl } }
          clean: { steps: [ { map: ".a + 1" } ] }
          write: { sink: { file: out.jsonl } }
        """)
    }

    private func complete() throws { try workspace.runLosing(1) }

    /// Killed while it waits for its input.
    private func unfinished() throws {
      workspace.write(
        "p.yaml",
        """
        stages:
          read: { source: { file: { path: "-", format: jsonl } } }
          write: { sink: { file: out.jsonl } }
        """)
      mkfifo(workspace["pipe"], 0o600)
      // Held open at both ends, so that neither side waits for the other.
      let held = open(workspace["pipe"], O_RDWR)
      defer { close(held) }
      let run = try workspace.start(["run", "p.yaml"], input: workspace["pipe"])
      try Waiting.until("a run that has begun") { workspace.read(".procession/p/journal") != nil }
      let listed = try workspace.runBeside(["state", "list"]).outputText
      #expect(listed.contains("unfinished, in use"), "\(listed)")
      #expect(try workspace.runBeside(["state", "rm", "p.yaml", "--force"]).status == 5)
      try run.signal(SIGKILL)
      _ = try run.wait()
      try Waiting.until("the end of \(workspace.processes)") { workspace.processes.isEmpty }
    }

    @Test func `where there are none it says so`() throws {
      let listed = try workspace.run(["state", "list"])
      #expect(listed.status == 0 && listed.errors == "no states in ./.procession\n")
      #expect(try workspace.run(["state", "show", "p.yaml"]).status == 1)
      #expect(try workspace.run(["state", "rm", "p.yaml"]).status == 0)
      #expect(try workspace.run(["state", "list", "--folder", "nowhere"]).status == 2)
    }

    @Test func `list tells how far each has come`() throws {
      try complete()
      mkdir(workspace[".procession/other"], 0o755)
      workspace.write(".procession/other/format", "1\n")
      let lines = try workspace.run(["state", "list"]).outputText.split(separator: "\n")
      #expect(lines.count == 3)
      #expect(lines[0] == "name   run          begun                      read  written  dead letters")
      #expect(lines[1] == "other  never begun  -                             -        0             0")
      #expect(lines[2].hasPrefix("p      ended        "))
      #expect(lines[2].hasSuffix("  100 %        1             1"))
      let document = try JSONText.object(try workspace.run(["state", "list", "--json"]).output)
      #expect(document["schema"] as? String == "procession.states/1")
      #expect(
        (document["states"] as? [[String: Any]])?.map { $0["standing"] as? String } == [
          "never begun", "ended",
        ])
    }

    @Test func `show tells everything of one`() throws {
      try complete()
      workspace.mend(".a + 1", with: ".a")
      let result = try workspace.run(["state", "show", "p.yaml"])
      #expect(result.status == 0, "\(result.errors)")
      for text in [
        "run           ended\n", "read.0        1 batches done, 18 B of 18 B, complete\n",
        "write.0       1 records, 2 B, finished\n", "dead letters  1\n", "  the run ended\n",
      ] {
        #expect(result.outputText.contains(text), "\(text) in:\n\(result.outputText)")
      }
      let document = try JSONText.object(try workspace.run(["state", "show", "p.yaml", "--json"]).output)
      // What has ended leaves nothing that a changed program could prevent.
      #expect(document["keeps"] == nil)
      #expect((document["journal"] as? [String])?.last == "the run ended")
      #expect(document["dead_letters"] as? Int == 1)
    }

    @Test func `an unfinished run is shown, kept, and gone on with or given up`() throws {
      try unfinished()
      let refused = try workspace.run(["state", "rm", "p.yaml"])
      #expect(refused.status == 1)
      #expect(refused.errors.contains("which could be gone on with"), "\(refused.errors)")
      #expect(workspace.read(".procession/p/journal") != nil)
      #expect(try workspace.run(["state", "rm", "p.yaml", "--force"]).status == 0)
      #expect(workspace.names(".procession") == [])
    }

    @Test func `rm refuses to lose dead letters, and leaves all that is no state`() throws {
      try complete()
      workspace.write(".procession/p/mine.txt", "mine")
      let refused = try workspace.run(["state", "rm", "p.yaml"])
      #expect(refused.status == 1)
      #expect(refused.errors.contains("  1 dead letter\n"), "\(refused.errors)")
      #expect(try workspace.letters().count == 1)
      let removed = try workspace.run(["state", "rm", "p.yaml", "--force", "--json"])
      #expect(removed.status == 0, "\(removed.errors)")
      #expect(try JSONText.object(removed.output)["removed"] as? Bool == true)
      #expect(workspace.names(".procession/p") == ["mine.txt"])
      #expect(workspace.text("out.jsonl") == "2\n")
      #expect(try workspace.run(["state", "show", "p.yaml"]).status == 1)
    }
  }
}
