import Testing

extension EndToEnd {
  /// Standard input and output as a pipeline's ends.
  @Suite struct StandardStreamTests {
    private static let pipeline = """
      stages:
        read: { source: { file: { path: "-", format: csv } } }
        write: { sink: stdout }
      """
    private static let rows = "k,v\nA,1\nB,2\n"
    private static let objects = "{\"k\":\"A\",\"v\":1}\n{\"k\":\"B\",\"v\":2}\n"

    @Test func aFileBehindStandardInput() throws {
      let workspace = Workspace()
      workspace.write("in.csv", Self.rows)
      let result = try workspace.run(pipeline: Self.pipeline, input: workspace["in.csv"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.outputText == Self.objects)
    }

    @Test func aPipeBehindBoth() throws {
      let workspace = Workspace()
      workspace.write("in.csv", Self.rows)
      workspace.write("p.yaml", Self.pipeline)
      let command = "cat in.csv | '\(Repository.executable)' run p.yaml | cat"
      let result = try workspace.run(["-o", "pipefail", "-c", command], program: "bash")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.outputText == Self.objects)
    }

    /// Longer than a batch and than a pipe, written to a pipe as it comes.
    @Test func aLongPipe() throws {
      let workspace = Workspace()
      let many = ManyFlights(times: 10)
      let input = many.write(to: workspace)
      workspace.write(
        "p.yaml",
        """
        stages:
          read: { source: { file: { path: "-", format: lines } } }
          keep: { workers: 2, steps: [ { filter: "true" } ] }
          write: { sink: { stdout: { format: lines } } }
        """)
      let command = "cat \(input) | '\(Repository.executable)' run p.yaml | cat"
      let result = try workspace.run(["-o", "pipefail", "-c", command], program: "bash")
      #expect(result.status == 0, "\(result.errors)")
      expectSameBytes(result.output, workspace.read(input)!)
    }

    /// A pipe can't be read again: the death of its reader ends the run and says so.
    @Test func theDeathOfAPipesReader() throws {
      let workspace = Workspace()
      workspace.write("in.csv", Self.rows)
      workspace.write("p.yaml", Self.pipeline)
      let command = "cat in.csv | '\(Repository.executable)' run p.yaml"
      let result = try workspace.run(
        ["-o", "pipefail", "-c", command], environment: ["PROCESSION_FAULTS": "read.0:after-send:1"],
        program: "bash")
      #expect(result.status == 1, "\(result.errors)")
      #expect(result.errors.contains("its input can be read only once"), "\(result.errors)")
    }

    /// A file behind standard output is cut back, so that nothing is written twice.
    @Test func theDeathOfAFilesWriter() throws {
      let workspace = Workspace()
      workspace.write("in.csv", Self.rows)
      let result = try workspace.run(
        pipeline: Self.pipeline, environment: ["PROCESSION_FAULTS": "write.0:before-commit:1"],
        input: workspace["in.csv"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("write.0 was killed by SIGKILL"), "\(result.errors)")
      #expect(result.outputText == Self.objects)
    }

    /// Files opened later must not get the numbers of closed streams.
    @Test(arguments: [("<&-", "standard input: error"), (">&-", "standard output: error")])
    func closedStreams(redirection: String, error: String) throws {
      let workspace = Workspace()
      workspace.write("in.csv", Self.rows)
      workspace.write("p.yaml", Self.pipeline)
      let command = "'\(Repository.executable)' run p.yaml < in.csv \(redirection)"
      let result = try workspace.run(["-c", command], program: "bash")
      #expect(result.status == 1, "\(result.errors)")
      #expect(result.errors.contains(error), "\(result.errors)")
      #expect(workspace.read(".procession/p/lock") == [])
    }

    @Test func errorsInStandardInputHaveTheirLine() throws {
      let workspace = Workspace()
      workspace.write("in.csv", "k,v\nA,1\nB\n")
      let pipeline = Self.pipeline.replacing("write: {", with: "write: { on_error: fail,")
      let result = try workspace.run(pipeline: pipeline, input: workspace["in.csv"])
      #expect(result.status == 1)
      #expect(result.errors.contains("standard input:3: error: 1 cells where"), "\(result.errors)")
    }
  }
}
