import Testing

extension EndToEnd {
  /// Pipelines with Python, awk and jq programs.
  @Suite struct ProgramStepTests {
    private func expectDone(_ result: RunResult) {
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
    }

    @Test(.enabled(if: Programs.hasPython, "no python3")) func python() throws {
      let workspace = Workspace()
      workspace.writeNumbers(5_000)
      workspace.write("double.py", Programs.python())
      workspace.writePipeline("- exec: { command: [python3, -u, double.py], per: line }")
      let result = try workspace.run(["run", "p.yaml"])
      expectDone(result)
      #expect(workspace.text("out.jsonl") == Programs.doubles(5_000))
      let table = try FinishedTable(result.errors)
      #expect(table.filtered["work"] == 1_667 && table.recordsOut["work"] == 3_333)
    }

    @Test(.enabled(if: Programs.hasJq, "no jq")) func jqAndAwkBetweenOtherSteps() throws {
      let workspace = Workspace()
      workspace.writeNumbers(3_000)
      workspace.writePipeline(
        """
        - filter: .n % 2 == 0
        - exec: { command: [jq, --unbuffered, -c, ".n += 1"] }
        - exec: { command: [\(Programs.awk), '{ print $0 ~ /5/ ? "" : $0; fflush() }'] }
        - map: "{ m: .n }"
        """)
      expectDone(try workspace.run(["run", "p.yaml"]))
      let expected = (0..<3_000).filter { $0 % 2 == 0 }.map { $0 + 1 }
        .filter { !"\($0)".contains("5") }.map { "{\"m\":\($0)}\n" }.joined()
      #expect(workspace.text("out.jsonl") == expected)
    }

    @Test func linesThroughAwk() throws {
      let workspace = Workspace()
      workspace.write("in.txt", "one\ntwo\n\nthree\n")
      workspace.write(
        "p.yaml",
        """
        stages:
          read: { source: { file: { path: in.txt, format: lines } } }
          work: { steps: [ { exec: { command: [\(Programs.awk), '{ print toupper($0); fflush() }'] } } ] }
          write: { sink: { file: { path: out.txt, format: lines } } }
        """)
      expectDone(try workspace.run(["run", "p.yaml"]))
      #expect(workspace.text("out.txt") == "ONE\nTWO\nTHREE\n")
    }

    /// Each batch is sorted by a process of its own: one batch here.
    @Test func aProcessForEachBatch() throws {
      let workspace = Workspace()
      workspace.write("in.csv", "name,n\nb,2\na,1\nb,3\n")
      workspace.writePipeline(
        """
        - exec:
            command: "sed 1d | cut -d, -f1 | sort | uniq -c | awk '{ print $2 \\" \\" $1 }'"
            shell: true
            per: batch
            input: csv
        """, workers: 1, input: "in.csv")
      expectDone(try workspace.run(["run", "p.yaml"]))
      #expect(workspace.text("out.jsonl") == "\"a 1\"\n\"b 2\"\n")
    }

    @Test func standardErrorIsLoggedUnderTheProgramsName() throws {
      let workspace = Workspace()
      workspace.writeNumbers(10)
      workspace.writePipeline(
        "- exec: { command: 'echo ready to go >&2; exec cat', shell: true }", workers: 1)
      let result = try workspace.run(["run", "p.yaml"])
      expectDone(result)
      #expect(result.errors.contains("sh: ready to go"), "\(result.errors)")
    }

    @Test func theStartMethodSaysWhy() throws {
      let workspace = Workspace()
      workspace.writeNumbers(1)
      workspace.writePipeline("- exec: { command: [cat] }")
      let explained = try workspace.run(["validate", "--explain", "p.yaml"])
      let all = explained.outputText + explained.errors
      #expect(all.contains("start method: spawn (runs cat, which inherits nothing"), "\(all)")
      #expect(all.contains("steps exec 'cat' per line"), "\(all)")
    }

    @Test(arguments: ["fork", "spawn", "forkserver"]) func everyStartMethodWillDo(method: String) throws {
      let workspace = Workspace()
      workspace.writeNumbers(2_000)
      workspace.writePipeline("- exec: { command: [cat] }", keys: "start_method: \(method)")
      expectDone(try workspace.run(["run", "p.yaml"]))
      #expect(workspace.read("out.jsonl") == workspace.read("in.jsonl"))
    }

    @Test func aMissingProgramIsToldBeforeAnythingStarts() throws {
      let workspace = Workspace()
      workspace.writeNumbers(1)
      workspace.writePipeline("- exec: { command: [no-such-program, -x] }")
      let result = try workspace.run(["run", "p.yaml"])
      #expect(result.status == 2)
      #expect(
        result.errors.contains(
          "p.yaml:7:27: error: there is no program 'no-such-program' in PATH; install it"),
        "\(result.errors)")
    }
  }
}
