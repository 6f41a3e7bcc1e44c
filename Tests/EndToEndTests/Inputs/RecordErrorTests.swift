import Testing

extension EndToEnd {
  /// Records that a step can't handle where that is to end the run: it fails and names the input's file and line, however far from
  /// the source the step is.
  @Suite struct RecordErrorTests {
    @Test func theSecondStageKnowsTheLine() throws {
      let workspace = Workspace()
      workspace.write("in.csv", "a,b\n1,\"x\ny\"\n2,\nz,\n")
      let result = try workspace.run(
        pipeline: """
          stages:
            read: { source: { file: in.csv } }
            first: { steps: [ { filter: .a != 2 } ] }
            second: { on_error: fail, steps: [ { map: "{ b: (.a + 1) }" } ] }
            write: { sink: { file: out.jsonl } }
          """)
      #expect(result.status == 1)
      #expect(
        result.errors.contains(
          "in.csv:5: error: string (\"z\") and number (1) cannot be added (stage second"),
        "\(result.errors)")
    }

    @Test func linesAreKnownBehindAMapThatMakesMany() throws {
      let workspace = Workspace()
      workspace.write("in.jsonl", "{\"a\":[1,2]}\n\n{\"a\":[3,\"x\"]}\n")
      let result = try workspace.run(
        pipeline: """
          stages:
            read: { source: { file: in.jsonl } }
            first: { steps: [ { map: ".a[]" } ] }
            second: { on_error: fail, steps: [ { map: ". + 1" } ] }
            write: { sink: { file: out.jsonl } }
          """)
      #expect(result.status == 1)
      #expect(result.errors.contains("in.jsonl:3: error: string (\"x\")"), "\(result.errors)")
    }

    @Test(arguments: FlightsRun.methods)
    func aMissingKeyNamesTheRecord(method: String) throws {
      let workspace = Workspace()
      workspace.write("in.csv", "k\nA\nB\n")
      workspace.write("table.csv", "k,n\nA,one\n")
      let result = try workspace.run(
        pipeline: """
          stages:
            read: { source: { file: in.csv } }
            join:
              start_method: \(method)
              steps: [ { lookup: { table: table.csv, key: .k, as: found, missing: fail } } ]
            write: { sink: { file: out.jsonl } }
          """)
      #expect(result.status == 1)
      #expect(
        result.errors.contains("in.csv:3: error: table.csv has no record whose k is \"B\""),
        "\(result.errors)")
    }

    @Test(arguments: FlightsRun.methods)
    func aBrokenTableNamesItsOwnLine(method: String) throws {
      let workspace = Workspace()
      workspace.write("in.csv", "k\nA\n")
      workspace.write("table.csv", "k,n\nA,one\nA,two\n")
      let result = try workspace.run(
        pipeline: """
          stages:
            read: { source: { file: in.csv } }
            join:
              start_method: \(method)
              steps: [ { lookup: { table: table.csv, key: .k, as: found } } ]
            write: { sink: { file: out.jsonl } }
          """)
      #expect(result.status == 1)
      #expect(result.errors.contains("table.csv:3: error: the key \"A\" is on line 2"), "\(result.errors)")
    }
  }
}
