import Testing

extension EndToEnd {
  /// Several files read as one input.
  @Suite struct GlobTests {
    private func run(_ headers: String, second: String) throws -> (Workspace, RunResult) {
      let workspace = Workspace()
      workspace.write("in1.csv", "a,b\n1,2\n")
      workspace.write("in2.csv", second)
      let result = try workspace.run(
        pipeline: """
          stages:
            read: { source: { file: { path: "in*.csv", csv: { headers: \(headers) } } } }
            write: { on_error: fail, sink: { file: out.jsonl } }
          """)
      return (workspace, result)
    }

    @Test func differentHeadersFail() throws {
      let (_, result) = try run("same", second: "a,c\n3,4\n")
      #expect(result.status == 1)
      #expect(
        result.errors.contains(
          "in2.csv:1: error: the columns differ from those of in1.csv: without b, with c"),
        "\(result.errors)")
    }

    @Test func eachFileMayHaveItsOwnHeader() throws {
      let (workspace, result) = try run("each", second: "a,c\n3,4\n")
      #expect(result.status == 0, "\(result.errors)")
      #expect(workspace.text("out.jsonl") == "{\"a\":1,\"b\":2}\n{\"a\":3,\"c\":4}\n")
    }

    @Test func linesAreCountedInEachFile() throws {
      let (_, result) = try run("same", second: "a,b\n3,4\n5\n")
      #expect(result.status == 1)
      #expect(result.errors.contains("in2.csv:3: error: 1 cells where"), "\(result.errors)")
    }
  }
}
