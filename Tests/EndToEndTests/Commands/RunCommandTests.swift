import Testing

extension EndToEnd {
  /// What `procession run` prints, and where.
  @Suite struct RunCommandTests {
    private func documents(of result: RunResult) throws -> [[String: Any]] {
      try result.output.split(separator: 0x0A).map { try JSONText.object($0) }
    }

    private func runFlights(_ arguments: String..., in workspace: Workspace) throws -> RunResult {
      try workspace.run(
        ["run", Repository.pipeline("flights"), "--state", workspace["state"]] + arguments,
        environment: ["OUT": workspace["out.jsonl"]])
    }

    @Test func jsonIsOneObjectALine() throws {
      let result = try runFlights("--json", in: Workspace())
      #expect(result.status == 0, "\(result.errors)")
      let documents = try documents(of: result)
      #expect(documents.allSatisfy { ($0["schema"] as? String)?.hasPrefix("procession.") == true })
      let last = try #require(documents.last)
      #expect(last["schema"] as? String == "procession.run/1")
      #expect(last["outcome"] as? String == "complete")
      #expect(last["balanced"] as? Bool == true)
      let stages = try #require(last["stages"] as? [[String: Any]])
      #expect(stages.map { $0["name"] as? String } == FlightsRun.stages)
      #expect(stages[0]["records_in"] as? Int == 6099)
      #expect(stages[2]["records_out"] as? Int == Repository.expectedFlights.count { $0 == 0x0A })
    }

    @Test func aFailureIsJSONToo() throws {
      let workspace = Workspace()
      workspace.write("in.jsonl", "1\n{\n")
      workspace.write(
        "p.yaml",
        "stages:\n  read: { on_error: fail, source: { file: in.jsonl } }\n  write: { sink: { file: o.jsonl } }\n"
      )
      let result = try workspace.run(["run", "p.yaml", "--json"])
      #expect(result.status == 1)
      let last = try #require(try documents(of: result).last)
      #expect(last["outcome"] as? String == "failed")
      #expect((last["error"] as? String)?.hasPrefix("in.jsonl:2:2: error: ") == true, "\(last)")
    }

    @Test func theTableSaysWhatBecameOfTheRecords() throws {
      let result = try runFlights("--quiet", in: Workspace())
      #expect(result.status == 0)
      let words = result.errors.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
      let written = Repository.expectedFlights.count { $0 == 0x0A }
      #expect(words.first == "stage workers start in out filtered dead replayed restarts")
      #expect(words.contains("read 1 fork 6,099 6,099 0 0 0 0"), "\(words)")
      #expect(written == 6064, "the numbers below are those of this file")
      #expect(words.contains("clean 2 forkserver 6,099 6,064 35 0 0 0"), "\(words)")
      #expect(words.contains("write 1 fork 6,064 6,064 0 0 0 0"), "\(words)")
      #expect(words.last?.hasPrefix("complete in ") == true)
    }

    @Test func jsonAndRecordsDoNotShareStandardOutput() throws {
      let workspace = Workspace()
      workspace.write("in.jsonl", "1\n")
      workspace.write(
        "p.yaml", "stages:\n  read: { source: { file: in.jsonl } }\n  write: { sink: stdout }\n")
      let result = try workspace.run(["run", "p.yaml", "--json"])
      #expect(result.status == 2)
      #expect(result.errors.contains("can't share it"), "\(result.errors)")
    }
  }
}
