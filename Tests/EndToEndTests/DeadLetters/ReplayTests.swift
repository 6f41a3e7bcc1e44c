import Glibc
import SQLite
import Stages
import Testing

extension EndToEnd {
  /// `procession dead-letters replay`, undisturbed.
  @Suite struct ReplayTests {
    private let workspace = Workspace()

    @Test func `letters of a step go through the mended step, behind what was written`() throws {
      workspace.write("in.csv", "k,v\n1,2\n2,x\n3,\"a\nb\"\n4,5\n")
      workspace.write(
        "p.yaml",
        """
        stages:
          read: { source: { file: in.csv } }
          clean: { steps: [ { map: "{ k, v: (.v + 1) }" } ] }
          write: { sink: { file: out.csv } }
        """)
      try workspace.runLosing(2)
      #expect(workspace.text("out.csv") == "k,v\n1,3\n4,6\n")
      workspace.mend("(.v + 1)", with: ".v")
      let result = try workspace.replay("--all")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("putting 2 dead letters back in\n"))
      #expect(result.errors.contains("every stage balances"))
      #expect(result.errors.hasSuffix("2 dead letters put back in\n"), "\(result.errors)")
      #expect(workspace.text("out.csv") == "k,v\n1,3\n4,6\n2,x\n3,\"a\nb\"\n")
      #expect(try workspace.letters().map(\.state) == [.replayed, .replayed])
      #expect(!workspace.names(".procession/p").contains("replay"))
      let again = try workspace.replay("--all")
      #expect(again.status == 0 && again.errors == "no dead letters to put back in\n")
      // The next run is one like any other.
      let next = try workspace.run(["run", "p.yaml"])
      #expect(next.status == 0, "\(next.errors)")
      #expect(workspace.text("out.csv") == "k,v\n1,2\n2,x\n3,\"a\nb\"\n4,5\n")
    }

    @Test func `what fails again is a letter of its own, where it was read`() throws {
      workspace.write("in.jsonl", "{\"a\":1}\n{\"a\":\"x\"}\n{\"a\":\"2\"}\n")
      workspace.write(
        "p.yaml",
        """
        stages:
          read: { source: { file: in.jsonl } }
          clean: { steps: [ { map: ".a + 1" } ] }
          write: { sink: { file: out.jsonl } }
        """)
      try workspace.runLosing(2)
      workspace.mend(".a + 1", with: ".a | tonumber")
      let result = try workspace.replay("--stage", "clean", "--json")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("2 dead letters put back in; 1 of their records fell out again"))
      let last = try JSONText.object(result.output.split(separator: 0x0A).last ?? [])
      #expect(last["schema"] as? String == "procession.replay/1")
      #expect(last["letters"] as? Int == 2 && last["dead_again"] as? Int == 1)
      #expect(workspace.text("out.jsonl") == "2\n2\n")
      let dead = try #require(try workspace.letters(.dead).first)
      #expect(dead.id == 3 && dead.place == "in.jsonl:2" && dead.recordText == "{\"a\":\"x\"}")
      workspace.mend(".a | tonumber", with: ".a")
      #expect(try workspace.replay("3").status == 0)
      #expect(workspace.text("out.jsonl") == "2\n2\n\"x\"\n")
      #expect(try workspace.letters().map(\.state) == [.replayed, .replayed, .replayed])
    }

    @Test func `a lookup finds what its table has now, and each branch gets its record`() throws {
      workspace.write("in.csv", "k\nA\nB\nC\n")
      workspace.write("table.csv", "k,n\nA,one\n")
      workspace.write(
        "p.yaml",
        """
        stages:
          read: { source: { file: in.csv } }
          join:
            from: read
            start_method: forkserver
            steps: [ { lookup: { table: table.csv, key: .k, as: found, missing: dead-letter } } ]
          names: { from: join, steps: [ { map: .found.n } ] }
          write: { from: names, sink: { file: out.jsonl } }
          both: { from: [join, names], sink: { file: both.jsonl } }
        """)
      try workspace.runLosing(2)
      workspace.write("table.csv", "k,n\nA,one\nB,two\n")
      let result = try workspace.replay("--all")
      #expect(result.status == 0, "\(result.errors)")
      #expect(workspace.text("out.jsonl") == "\"one\"\n\"two\"\n")
      #expect(workspace.sortedLines("both.jsonl").count == 4)
      #expect(try workspace.letters(.dead).map(\.recordText) == ["C"])
    }

    @Test func `letters of a source go to all that read it`() throws {
      workspace.write("in.txt", "1\n{\n2\n")
      workspace.write(
        "p.yaml",
        """
        stages:
          read: { on_error: dead-letter, source: { file: { path: in.txt, format: jsonl } } }
          plain: { from: read, sink: { file: a.txt } }
          texts: { from: read, steps: [ { map: "tostring" } ] }
          write: { from: texts, sink: { file: b.jsonl } }
        """)
      try workspace.runLosing(1)
      #expect(try workspace.letters().map(\.origin.stage) == ["read"])
      let same = try workspace.replay("--all")
      #expect(same.status == 0, "\(same.errors)")
      #expect(try workspace.letters().map(\.state) == [.replayed, .dead])
      workspace.mend("format: jsonl", with: "format: lines")
      let result = try workspace.replay("--all")
      #expect(result.status == 0, "\(result.errors)")
      #expect(workspace.text("b.jsonl") == "\"1\"\n\"2\"\n\"{\"\n")
      #expect(workspace.text("a.txt") == "1\n2\n{\n" || workspace.text("a.txt") == "1\n2\n\"{\"\n")
    }

    @Test func `letters of a table's sink become rows beside the others`() throws {
      workspace.write("in.jsonl", "{\"k\":1,\"v\":1}\n{\"k\":2,\"v\":\"x\"}\n{\"k\":3,\"v\":3}\n")
      workspace.write(
        "p.yaml",
        """
        stages:
          read: { source: { file: in.jsonl } }
          write:
            sink: { sqlite: { path: out.db, table: t, key: [k], columns: { k: integer, v: integer } } }
        """)
      try workspace.runLosing(1)
      // The database's owner lets it pass.
      do {
        let database = try Database(workspace["out.db"], access: .existing, journal: .asIs)
        try database.execute(
          "CREATE TRIGGER mend BEFORE INSERT ON t BEGIN SELECT 1; END; UPDATE _procession SET fence = fence + 1"
        )
      }
      let failing = try workspace.replay("--all")
      #expect(failing.status == 0, "\(failing.errors)")
      #expect(try workspace.letters().map(\.state) == [.replayed, .dead])
      do {
        let database = try Database(workspace["out.db"], access: .existing, journal: .asIs)
        #expect(try database.integer("SELECT count(*) FROM _procession") == 1)
        #expect(try database.integer("SELECT records FROM _procession") == 2)
        #expect(try database.integer("SELECT position IS NULL FROM _procession") == 0)
        try database.execute(
          """
          DROP TABLE t; CREATE TABLE t (k INTEGER NOT NULL UNIQUE, v);
          INSERT INTO t VALUES (1, 1), (3, 3);
          """)
      }
      let result = try workspace.replay("--all")
      #expect(result.status == 0, "\(result.errors)")
      let database = try Database(workspace["out.db"], access: .existing, journal: .asIs)
      #expect(try database.text("SELECT group_concat(k || '=' || v) FROM t") == "1=1,3=3,2=x")
      // The run counts its own records: what a replay adds is the replay's.
      #expect(try database.integer("SELECT records FROM _procession") == 2)
    }

    @Test func `a replay is refused where it could not be right`() throws {
      workspace.write("in.jsonl", "1\n\"x\"\n")
      workspace.write(
        "p.yaml",
        """
        stages:
          read: { source: { file: in.jsonl } }
          clean: { steps: [ { map: ". + 1" } ] }
          write: { sink: { file: out.jsonl } }
        """)
      let early = try workspace.replay("--all")
      #expect(early.status == 0 && early.errors == "no dead letters to put back in\n")
      try workspace.runLosing(1)
      #expect(try workspace.replay().errors.contains("say which: their ids, --stage or --all"))
      #expect(try workspace.replay("9").status == 2)
      #expect(try workspace.replay("1", "--all").status == 2)
      #expect(try workspace.replay("--stage", "write").errors == "no dead letters to put back in\n")
      workspace.mend("out.jsonl", with: "other.jsonl")
      let other = try workspace.replay("--all")
      #expect(other.status == 2)
      #expect(other.errors.contains("stage 'write': it writes 'other.jsonl' now"), "\(other.errors)")
      workspace.mend("other.jsonl", with: "out.jsonl")
      workspace.write("out.jsonl", "2\n3\n")
      let longer = try workspace.replay("--all")
      #expect(longer.status == 2)
      #expect(
        longer.errors.contains("it had 2 bytes when the run wrote it and has 4 now"), "\(longer.errors)")
      unlink(workspace["out.jsonl"])
      #expect(try workspace.replay("--all").errors.contains("it is gone; put it back"))
      // Nothing of a refused replay is left.
      #expect(try workspace.letters().map(\.state) == [.dead])
      #expect(!workspace.names(".procession/p").contains("replay"))
    }
  }
}
