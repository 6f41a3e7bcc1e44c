import Testing

extension EndToEnd {
  /// The flights pipeline against an output computed without this code.
  @Suite struct GoldenTests {
    @Test(arguments: [1, 4])
    func writesWhatAnIndependentProgramComputes(workers: Int) throws {
      let workspace = Workspace()
      let result = try FlightsRun(workers: workers).complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      #expect(result.output == [])
      expectSameBytes(workspace.read("out.jsonl"), Repository.expectedFlights)
    }

    @Test(arguments: FlightsRun.stages, FlightsRun.methods)
    func startMethodsDoNotMatter(stage: String, method: String) throws {
      let workspace = Workspace()
      let result = try FlightsRun(methods: [stage: method]).complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      let row = result.errors.split(separator: "\n").first { $0.hasPrefix(stage) && $0.contains(method) }
      #expect(row != nil, "\(result.errors)")
      expectSameBytes(workspace.read("out.jsonl"), Repository.expectedFlights)
    }

    @Test func leavesNothingButItsOutputAndItsState() throws {
      let workspace = Workspace()
      let result = try FlightsRun().complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(
        workspace.names() == ["out.jsonl", "overlay.yaml", "sockets", "state", "streams"])
      #expect(workspace.names("state") == ["format", "journal", "lock", "plan.json", "slots"])
      #expect(
        workspace.names("state/slots") == ["clean.0", "clean.1", "dead-letters.0", "read.0", "write.0"])
    }
  }
}
