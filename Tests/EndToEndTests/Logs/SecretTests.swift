import POSIXKit
import Testing

extension EndToEnd {
  /// What the values of `secrets` must never be found in.
  @Suite struct SecretTests {
    private static let values = ["correct-horse-battery", "staple-of-the-file"]

    private static let pipeline = """
      secrets:
        db: { env: DB_PASSWORD }
        key: { file: key.txt }
      stages:
        read: { source: { file: { path: in.jsonl } } }
        clean:
          restart: { max: 10, within: 1m, backoff: 1ms..5ms }
          steps: [ { map: "if .n == 3 then error(\\"no threes\\") else . end" } ]
        write: { sink: { file: { path: out.jsonl } } }
      """

    /// All bytes of all files in a folder of the workspace.
    private func expectNone(in folder: String, _ workspace: Workspace) {
      for name in workspace.names(folder) where name != "key.txt" {
        let path = "\(folder)/\(name)"
        if let bytes = workspace.read(path) {
          for value in Self.values { #expect(!bytes.contains(Array(value.utf8)), "\(value) in \(path)") }
        } else {
          expectNone(in: path, workspace)
        }
      }
    }

    @Test func noSecretIsInWhatARunLeavesOrSays() throws {
      let workspace = Workspace()
      workspace.write("p.yaml", Self.pipeline)
      workspace.write("key.txt", Self.values[1] + "\n")
      workspace.write("in.jsonl", (1...50).map { "{\"n\":\($0)}\n" }.joined())
      let environment = [
        "DB_PASSWORD": Self.values[0], "PROCESSION_FAULTS": "clean.0:before-taken:1,write.0:after-ready:1",
      ]
      var said = ""
      for arguments in [
        ["validate", "p.yaml", "--print"], ["validate", "p.yaml", "--json"], ["graph", "p.yaml", "--json"],
        ["run", "p.yaml", "--log-level", "trace"],
        ["run", "p.yaml", "--log-level", "trace", "--log-format", "json"],
        ["dead-letters", "list", "p.yaml", "--json"], ["dead-letters", "show", "p.yaml", "1"],
        ["dead-letters", "replay", "p.yaml", "--all", "--log-level", "trace", "--json"],
        ["state", "show", "p.yaml", "--json"],
      ] {
        let result = try workspace.run(arguments, environment: environment)
        #expect(result.status == 0, "\(arguments): \(result.errors)")
        said += result.outputText + result.errors
      }
      #expect(said.contains("was killed by SIGKILL") && said.contains("no threes"))
      for value in Self.values { #expect(!said.contains(value)) }
      expectNone(in: ".", workspace)
    }

    /// The likeliest mistake: the value instead of where it is.
    @Test func aSecretThatStandsInTheFileIsNotRepeated() throws {
      let workspace = Workspace()
      workspace.write("in.jsonl", "{}\n")
      workspace.write(
        "p.yaml",
        """
        secrets: { db: \(Self.values[0]) }
        stages:
          read: { source: { file: { path: in.jsonl } } }
          write: { sink: { file: { path: "${secrets.db}" } } }
        """)
      for options in [[], ["--json"]] {
        let result = try workspace.run(["run", "p.yaml", "--log-format", "json"] + options)
        #expect(result.status == 2)
        #expect(!(result.outputText + result.errors).contains(Self.values[0]), "\(result.errors)")
      }
    }
  }
}
