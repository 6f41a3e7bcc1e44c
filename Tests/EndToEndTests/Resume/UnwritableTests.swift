import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// Outputs and states that can't be written: told with their name, and once mended the run goes on.
  @Suite struct UnwritableTests {
    /// Words before a command that take away the rights that root has beyond the owner's.
    private static let ordinary =
      geteuid() == 0
      ? ["/usr/bin/setpriv", "--bounding-set=-dac_override,-dac_read_search", Repository.executable]
      : [Repository.executable]

    private func run(_ arguments: [String], in workspace: Workspace) throws -> RunResult {
      let words = Self.ordinary + arguments
      return try workspace.run(Array(words.dropFirst()), program: words[0])
    }

    private func workspace(output: String = "out.jsonl") -> Workspace {
      let workspace = Workspace()
      workspace.write("in.jsonl", "{\"a\":1}\n{\"a\":2}\n")
      workspace.write(
        "p.yaml",
        "stages:\n  read: { source: { file: in.jsonl } }\n  write: { sink: { file: \(output) } }\n")
      return workspace
    }

    /// A limit on the size of files stands for a full disk: no rights are needed to set it.
    @Test(arguments: ["fork", "spawn"])
    func aFullDiskIsToldAndGoneOnFrom(method: String) throws {
      let workspace = Workspace()
      let many = ManyFlights(times: 10)
      var flights = FlightsRun.all(method)
      flights.input = many.write(to: workspace)
      let command = flights.command(in: workspace)
      let words = command.arguments.map { "'\($0)'" }.joined(separator: " ")
      let full = try workspace.run(
        ["-c", "ulimit -f 3000; exec '\(Repository.executable)' \(words)"],
        environment: command.environment, program: "bash")
      #expect(full.status == 1, "\(full.errors)")
      #expect(full.errors.contains("out.jsonl: error: "), "\(full.errors)")
      #expect(full.errors.contains("EFBIG"), "\(full.errors)")
      #expect(!full.errors.contains("was killed by"), "\(full.errors)")
      let written = try #require(workspace.read("out.jsonl"))
      #expect(written.count > 0 && written.isPrefix(of: many.expected))
      let result = try flights.complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("going on with"), "\(result.errors)")
      expectSameBytes(workspace.read("out.jsonl"), many.expected, result.errors)
    }

    @Test func aFolderThatIsReadOnlyIsNamed() throws {
      let workspace = workspace(output: "folder/out.jsonl")
      mkdir(workspace["folder"], 0o555)
      let refused = try run(["run", "p.yaml"], in: workspace)
      #expect(refused.status == 2, "\(refused.errors)")
      #expect(refused.errors.contains("folder/out.jsonl can't be written: "), "\(refused.errors)")
      #expect(refused.errors.contains("EACCES"), "\(refused.errors)")
      chmod(workspace["folder"], 0o755)
      let result = try run(["run", "p.yaml"], in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(workspace.text("folder/out.jsonl") == "{\"a\":1}\n{\"a\":2}\n")
    }

    @Test func anOutputThatMayNotBeWrittenIsNamed() throws {
      let workspace = workspace()
      workspace.write("out.jsonl", "precious")
      chmod(workspace["out.jsonl"], 0o444)
      let refused = try run(["run", "p.yaml"], in: workspace)
      #expect(refused.status == 2, "\(refused.errors)")
      #expect(refused.errors.contains("out.jsonl can't be written: "), "\(refused.errors)")
      #expect(workspace.text("out.jsonl") == "precious")
    }

    @Test(arguments: [false, true])
    func aStateThatIsReadOnlyIsNamed(wasThereBefore: Bool) throws {
      let workspace = workspace()
      if wasThereBefore {
        #expect(try run(["run", "p.yaml", "--state", "state"], in: workspace).status == 0)
      } else {
        mkdir(workspace["state"], 0o755)
      }
      chmod(workspace["state"], 0o555)
      let refused = try run(["run", "p.yaml", "--state", "state"], in: workspace)
      #expect(refused.status == 1, "\(refused.errors)")
      #expect(
        refused.errors.contains("error: the state in \(workspace["state"]) can't be used: "),
        "\(refused.errors)")
      chmod(workspace["state"], 0o755)
      let result = try run(["run", "p.yaml", "--state", "state"], in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(workspace.text("out.jsonl") == "{\"a\":1}\n{\"a\":2}\n")
    }

    @Test func anInputThatMayNotBeReadIsNamed() throws {
      let workspace = workspace()
      chmod(workspace["in.jsonl"], 0)
      let refused = try run(["run", "p.yaml"], in: workspace)
      #expect(refused.status == 2, "\(refused.errors)")
      #expect(refused.errors.contains("'in.jsonl' cannot be read: Permission denied"), "\(refused.errors)")
    }
  }
}
