import Testing

extension EndToEnd {
  /// The other example pipelines: parallel runs write what runs with one worker write.
  @Suite struct ExampleTests {
    struct Example: CustomTestStringConvertible {
      let name: String
      /// The stage with several workers.
      let stage: String
      /// By stage: the sink as written in an overlay, with `OUT` for a folder, and the name of its file.
      let sinks: [(stage: String, sink: String, file: String)]
      var testDescription: String { name }
    }

    static let all = [
      Example(
        name: "diamond", stage: "others",
        sinks: [("write", "OUT/diamond.jsonl", "diamond.jsonl")]),
      Example(
        name: "carriers", stage: "late",
        sinks: [
          ("table", "{ path: OUT/carriers.csv }", "carriers.csv"),
          ("objects", "OUT/carriers.jsonl", "carriers.jsonl"),
        ]),
      Example(
        name: "lines", stage: "jetblue",
        sinks: [("write", "{ path: OUT/jetblue.txt }", "jetblue.txt")]),
      Example(
        name: "scores", stage: "score",
        sinks: [
          ("write", "OUT/scores.jsonl", "scores.jsonl"), ("ranking", "OUT/best.jsonl", "best.jsonl"),
        ]),
      Example(name: "late", stage: "late", sinks: [("write", "OUT/late.jsonl", "late.jsonl")]),
    ]

    /// The outputs by file.
    private func run(_ example: Example, workers: Int, faults: String = "") throws -> [String: [UInt8]] {
      let workspace = Workspace()
      var overlay = "stages:\n"
      for (stage, sink, _) in example.sinks {
        let sink = sink.replacing("OUT", with: workspace.path)
        overlay += "  \(stage): { sink: { file: \(sink) } }\n"
      }
      overlay += "  \(example.stage): { workers: \(workers) }\n"
      workspace.write("overlay.yaml", overlay)
      let result = try workspace.run(
        [
          "run", Repository.pipeline(example.name), "--overlay", workspace["overlay.yaml"], "--state",
          workspace["state"],
        ], environment: faults.isEmpty ? [:] : ["PROCESSION_FAULTS": faults])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      var outputs: [String: [UInt8]] = [:]
      for (_, _, file) in example.sinks {
        let bytes = try #require(workspace.read(file))
        #expect(bytes.count > 1000)
        outputs[file] = bytes
      }
      return outputs
    }

    @Test(arguments: all) func workersAndDeathsDoNotMatter(example: Example) throws {
      let one = try run(example, workers: 1)
      let four = try run(example, workers: 4)
      #expect(one.keys == four.keys)
      for (file, bytes) in one { expectSameBytes(four[file], bytes, file) }
      let sinks = example.sinks.map { "\($0.stage).0:after-write:2" }
      let faults = (sinks + ["\(example.stage).0:before-done:1", "read.0:after-commit:1"]).joined(
        separator: ",")
      let killed = try run(example, workers: 2, faults: faults)
      for (file, bytes) in one { expectSameBytes(killed[file], bytes, "\(file) \(faults)") }
    }

    @Test func bothSinksOfAFanOutGetEverything() throws {
      let outputs = try run(Self.all[1], workers: 2)
      func lines(_ file: String) -> Int { outputs[file]!.count { $0 == 0x0A } }
      #expect(lines("carriers.csv") == lines("carriers.jsonl") + 1)
    }
  }
}
