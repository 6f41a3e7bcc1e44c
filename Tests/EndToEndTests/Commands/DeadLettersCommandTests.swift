import Glibc
import Records
import Stages
import Testing

extension EndToEnd {
  /// `procession dead-letters`: what it prints and says of a store, and of none.
  @Suite struct DeadLettersCommandTests {
    private let workspace = Workspace()

    init() {
      workspace.write(
        "p.yaml",
        "stages:\n  read: { source: { file: in.jsonl } }\n  write: { from: read, sink: { file: out.jsonl } }\n"
      )
      workspace.write("in.jsonl", "{}\n")
      mkdir(workspace["state"], 0o755)
    }

    /// A command on the state folder of the workspace.
    private func letters(_ arguments: String...) throws -> RunResult {
      var all = ["dead-letters"] + arguments
      all.insert(contentsOf: ["p.yaml", "--state", "state"], at: 2)
      return try workspace.run(all)
    }

    private func store() throws -> DeadLetterStore {
      try DeadLetterStore(making: workspace["state/\(DeadLetterStore.fileName)"])
    }

    /// Three letters: two of a step's errors, one of a death.
    private func fill() throws {
      let store = try store()
      let origin = LetterOrigin(
        run: 255, stage: "clean", origin: "read", slot: 0, sequence: 4, branch: 7, format: .json,
        file: "in.jsonl")
      let causes: [Letter.Cause] = [.error("no\nnumber"), .error("no text"), .death("SIGSEGV")]
      for (index, cause) in causes.enumerated() {
        let letter = Letter(
          record: UInt32(index), line: UInt64(index) + 1, step: 2, cause: cause, worker: "clean.0",
          time: 1_700_000_000_000_000_000 + UInt64(index), lastWords: index == 2 ? "oh\nno\n" : "",
          bytes: Array("{\"a\": \(index)}".utf8))
        try store.insert(letter, from: origin)
      }
      try store.commit()
    }

    @Test func `no store is no dead letters`() throws {
      for command in ["list", "export"] {
        let result = try letters(command)
        #expect(result.status == 0 && result.output.isEmpty, "\(result.errors)")
      }
      #expect(try letters("list").errors == "no dead letters\n")
      #expect(try letters("drop", "--all").errors == "no dead letters\n")
      #expect(try letters("show", "1").status == 2)
      #expect(workspace.names("state") == [])
    }

    @Test func `list is a table, the newest last`() throws {
      try fill()
      let result = try letters("list")
      let time = "2023-11-14T22:13:20.000Z"
      #expect(
        result.outputText == """
          id  time                      stage  step  cause           input       state
           1  \(time)  clean     2  no              in.jsonl:1  dead
           2  \(time)  clean     2  no text         in.jsonl:2  dead
           3  \(time)  clean     2  death: SIGSEGV  in.jsonl:3  dead

          """)
      #expect(result.errors == "")
      let newest = try letters("list", "--limit", "1", "--stage", "clean")
      #expect(newest.outputText.split(separator: "\n").count == 2)
      #expect(newest.errors == "the newest 1 of 3 dead letters; --limit 0 lists all\n")
      #expect(try letters("list", "--stage", "other").errors == "no dead letters\n")
      #expect(try letters("list", "--limit", "-1").status == 2)
    }

    @Test func `list prints JSON`() throws {
      try fill()
      let document = try JSONText.object(try letters("list", "--json", "--cause", "death").output)
      #expect(document["schema"] as? String == "procession.dead-letters/1")
      let found = document["letters"] as? [[String: Any]]
      #expect(found?.count == 1 && found?.first?["cause"] as? String == "SIGSEGV")
    }

    @Test func `show tells everything`() throws {
      try fill()
      let result = try letters("show", "3")
      #expect(
        result.outputText == """
          id        3
          state     dead
          stage     clean
          step      2
          death     SIGSEGV
          attempts  1
          worker    clean.0
          time      2023-11-14T22:13:20.000Z
          input     in.jsonl:3
          batch     4 of read.0, record 2 (run ff, branch 7)
          record
            {"a": 2}
          last words
            oh
            no

          """)
      let unknown = try letters("show", "9")
      #expect(unknown.status == 2)
      #expect(
        unknown.errors
          == "error: no dead letter has the id 9; 'procession dead-letters list' shows those there are\n")
    }

    @Test func `export writes a line for each letter`() throws {
      try fill()
      let lines = try letters("export").outputText.split(separator: "\n")
      #expect(lines.count == 3)
      #expect(lines.first?.hasSuffix("\"format\":\"json\",\"record\":{\"a\":0}}") == true)
    }

    @Test func `drop forgets what it is told, and says how much`() throws {
      try fill()
      #expect(try letters("drop", "2", "9").status == 2)
      #expect(try letters("drop").status == 2)
      #expect(try letters("drop", "1", "--all").status == 2)
      #expect(try letters("drop", "2").errors == "1 dead letter dropped\n")
      let store = try store()
      try store.mark(LetterFilter(ids: [1]), replay: "r")
      let kept = try letters("drop", "--all")
      #expect(kept.status == 0)
      #expect(kept.errors == "1 dead letter dropped\n1 of them being replayed stay\n")
      try store.finish(replay: "r")
      #expect(try letters("drop", "--older-than", "3650d").errors == "0 dead letters dropped\n")
      #expect(try letters("drop", "--older-than", "1d").errors == "1 dead letter dropped\n")
      #expect(try letters("list").errors == "no dead letters\n")
    }

    @Test func `a store that can't be read ends with status 1`() throws {
      workspace.write("state/\(DeadLetterStore.fileName)", String(repeating: "text ", count: 1000))
      let result = try letters("list")
      #expect(result.status == 1)
      #expect(result.errors.contains("SQLITE_NOTADB"))
    }
  }
}
