import Testing

extension EndToEnd {
  /// Records that a stage can't work on, by what its `on_error` says.
  @Suite struct RefusedRecordTests {
    @Test func aStepThatThrowsLeavesALetter() throws {
      let workspace = Workspace()
      let poison = PoisonRun(program: PoisonRun.throwsError)
      let result = try poison.complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      #expect(
        result.errors.contains("3 dead letters; see them with 'procession dead-letters list p.yaml'"),
        "\(result.errors)")
      #expect(workspace.text("out.jsonl") == poison.expected)
      #expect(try workspace.letters() == poison.letters("no negative"))
      let table = try FinishedTable(result.errors)
      #expect(table.dead["work"] == 3 && table.filtered["work"] == 0 && table.recordsOut["work"] == 2_997)
    }

    @Test func dropCountsThemAsFiltered() throws {
      let workspace = Workspace()
      let poison = PoisonRun(program: PoisonRun.throwsError, keys: "on_error: drop, ")
      let result = try poison.complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(workspace.text("out.jsonl") == poison.expected)
      #expect(try workspace.letters() == [])
      let table = try FinishedTable(result.errors)
      #expect(table.dead["work"] == 0 && table.filtered["work"] == 3)
    }

    @Test func failEndsTheRunAtTheFirst() throws {
      let workspace = Workspace()
      let poison = PoisonRun(program: PoisonRun.throwsError, keys: "on_error: fail, ")
      let result = try poison.complete(in: workspace)
      #expect(result.status == 1)
      #expect(
        result.errors.contains("in.jsonl:1201: error: no negative (stage work"), "\(result.errors)")
      #expect(try workspace.letters() == [])
    }

    /// A map that makes several records of one loses them all with it: a record is dead or it is not.
    @Test func behindAMapTheLetterHoldsWhatTheStageTook() throws {
      let workspace = Workspace()
      workspace.write("in.jsonl", "{\"a\":[1,2]}\n{\"a\":[3,\"x\"]}\n{\"a\":[4]}\n")
      let result = try workspace.run(
        pipeline: """
          stages:
            read: { source: { file: in.jsonl } }
            work: { steps: [ { map: ".a[]" }, { map: ". + 1" } ] }
            write: { sink: { file: out.jsonl } }
          """)
      #expect(result.status == 0, "\(result.errors)")
      #expect(workspace.text("out.jsonl") == "2\n3\n5\n")
      let shown = try workspace.run(["dead-letters", "show", "p.yaml", "1"]).outputText
      #expect(shown.contains("step      2\n"), "\(shown)")
      #expect(shown.contains("{\"a\":[3,\"x\"]}"), "\(shown)")
    }

    /// Letters of every kind of stage in one run: the books balance all the same.
    @Test func sourcesAndSinksHaveLettersToo() throws {
      let workspace = Workspace()
      workspace.write(
        "in.jsonl",
        Array("{\"a\":1,\"b\":2}\n{\"a\":1,\"c\":3}\n{\"a\":\n{\"a\":5,\"b\":6}\n\"".utf8) + [0xFF]
          + Array("\"\n{\"a\":7,\"b\":\"x\"}\n".utf8))
      let result = try workspace.run(
        pipeline: """
          stages:
            read: { source: { file: in.jsonl } }
            work: { steps: [ { filter: if .b == "x" then error("x!") else true end } ] }
            write: { sink: { file: { path: out.csv, csv: { columns: [a, b] } } } }
          """)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      #expect(workspace.text("out.csv") == "a,b\n1,2\n5,6\n")
      let letters = try workspace.letters()
      #expect(letters.count == 4, "\(letters)")
      #expect(letters[0].hasPrefix("write in.jsonl:2 column 'c'"), "\(letters)")
      #expect(letters[1].hasPrefix("read in.jsonl:3 column 6: expected a value"), "\(letters)")
      #expect(letters[2].hasPrefix("read in.jsonl:5 byte 0xff is not UTF-8"), "\(letters)")
      #expect(letters[3] == "work in.jsonl:6 x!", "\(letters)")
      let table = try FinishedTable(result.errors)
      #expect(table.dead == ["read": 2, "work": 1, "write": 1])
    }

    @Test func aSinkMayDropOrFail() throws {
      for (policy, status) in [("drop", Int32(0)), ("fail", 1)] {
        let workspace = Workspace()
        workspace.write("in.jsonl", "{\"a\":1,\"b\":2}\n{\"a\":1,\"c\":3}\n")
        let result = try workspace.run(
          pipeline: """
            stages:
              read: { source: { file: in.jsonl } }
              write: { on_error: \(policy), sink: { file: { path: out.csv, csv: { columns: [a, b] } } } }
            """)
        #expect(result.status == status, "\(result.errors)")
        if status == 0 {
          #expect(workspace.text("out.csv") == "a,b\n1,2\n")
          #expect(result.errors.contains("every stage balances"), "\(result.errors)")
        } else {
          #expect(result.errors.contains("in.jsonl:2: error: column 'c'"), "\(result.errors)")
        }
        #expect(try workspace.letters() == [])
      }
    }
  }
}
