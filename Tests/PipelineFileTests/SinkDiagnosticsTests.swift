import Testing

import PipelineFile

/// What is said about the order, workers, keys, parts and tables of sinks.
@Suite struct SinkDiagnosticsTests {
  static func file(_ lines: String...) -> String {
    "stages:\n  r: { source: { file: data/log.jsonl } }\n" + lines.map { "  \($0)\n" }.joined()
  }
  static let cases: [Said] = [
    Said("discard", withSink("discard\n    order: any\n    workers: 3\n    key: .a")),
    Said("discard as a mapping", withSink("{ discard }")),
    Said(
      "discard with options", withSink("{ discard: { path: x } }"),
      "p.yaml:4:24: error: unknown key 'path' in 'discard' of stage 'w'; known: "),
    Said("order", withSink("stdout\n    order: source")),
    Said(
      "order unknown", withSink("stdout\n    order: none"),
      "p.yaml:5:12: error: 'order': 'none' is not one of the choices; write source or any"),
    Said(
      "order of others", file("s: { order: any, steps: [{ map: . }] }", "w: { sink: stdout }"),
      "p.yaml:3:8: error: 'order' is for sinks, and stage 's' has steps; remove it"),
    Said(
      "order of a source", withSource("{ file: data/log.jsonl }\n    order: any"),
      "p.yaml:4:5: error: 'order' is for sinks, and stage 'r' is a source; remove it"),
    Said("workers", withSink("{ file: o.csv }\n    workers: 2")),
    Said(
      "workers of standard output", withSink("stdout\n    workers: 2"),
      "p.yaml:5:14: error: standard output is written by one worker; remove 'workers', or write to files"),
    Said(
      "workers of a table", withSink("{ sqlite: o.db }\n    workers: 2"),
      "p.yaml:5:14: error: a table is written by one worker, as a database has one writer at a time; remove 'workers'"
    ),
    Said("key", withSink("{ file: o.csv }\n    workers: 2\n    key: .carrier")),
    Said("key of steps", withStage("workers: 2\nkey: .a\nsteps: [{ map: . }]")),
    Said(
      "key of one", withSink("{ file: o.csv }\n    key: .carrier"),
      "p.yaml:5:5: error: 'key' decides which worker gets a record, and stage 'w' has one; write 'workers: 2' or more, or remove it"
    ),
    Said(
      "key of standard output", withSink("stdout\n    key: .carrier"),
      "p.yaml:5:5: error: 'key' decides which worker gets a record, and stage 'w' has one; remove it"),
    Said(
      "key of a source", withSource("{ file: data/log.jsonl }\n    key: .a"),
      "p.yaml:4:5: error: 'key' is for stages with 'steps' and sinks, and stage 'r' is a source; remove it"),
    Said(
      "key broken", withStage("workers: 2\nkey: .a | WRONG\nsteps: [{ map: . }]"),
      "p.yaml:5:15: error: jq: WRONG is not defined"),
    Said(
      "key mangled", withStage("workers: x\nkey: {a}\nsteps: [{ map: . }]"),
      "p.yaml:4:14: error: 'workers': 'x' is no whole number; write one from 1 to 256",
      "p.yaml:5:10: error: YAML reads the program of 'key' as a mapping; write the program under '|'"),
    Said("key with a reference", withStage("workers: 2\nkey: .\"${NOPE}\"\nsteps: [{ map: . }]")),
    Said("rotate", withSink("{ file: { path: o.csv, rotate: { size: 64MiB, every: 1h } } }")),
    Said(
      "rotate by nothing", withSink("{ file: { path: o.csv, rotate: {} } }"),
      "p.yaml:4:42: error: 'rotate' of 'file' of stage 'w' says neither a size nor a time; write '{ size: 64MiB }' or '{ every: 1h }'"
    ),
    Said(
      "rotate text", withSink("{ file: { path: o.csv, rotate: 64MiB } }"),
      "p.yaml:4:42: error: 'rotate' of 'file' of stage 'w' must be a mapping, and this is a text; known keys: size, every"
    ),
    Said(
      "rotate units", withSink("{ file: { path: o.csv, rotate: { size: 64, every: 0s } } }"),
      "p.yaml:4:50: error: 'size': the size '64' has no unit; write 64B, 64KiB or 64MiB",
      "p.yaml:4:61: error: 'every': the duration '0s' is none at all; write one above 0s"),
    Said(
      "rotate at none", withSink("{ file: { path: o.csv, rotate: { size: 0KiB, age: 1h } } }"),
      "p.yaml:4:50: error: 'size': the size is none at all; write one above 0B",
      "p.yaml:4:56: error: unknown key 'age' in 'rotate' of 'file' of stage 'w'; known: size, every"),
    Said(
      "empty", withSink("{}"),
      "p.yaml:4:11: error: 'sink' of stage 'w' is empty; write '{ file: path }', '{ sqlite: path }' or 'stdout'"
    ),
    Said(
      "both", withSink("{ sqlite: o.db, discard: {} }"),
      "p.yaml:4:27: error: 'sink' of stage 'w' has both 'sqlite' and 'discard'; make two sinks of it"),
    Said("sqlite", withSink("{ sqlite: { path: o.db, columns: [a, b], key: [a, b], existing: append } }")),
    Said(
      "sqlite unknown", withSink("{ sqlite: { path: o.db, tables: x } }"),
      "p.yaml:4:35: error: unknown key 'tables' in 'sqlite' of stage 'w'; did you mean 'table'? known: path, table, key, columns, existing"
    ),
    Said(
      "sqlite without path", withSink("{ sqlite: { table: x } }"),
      "p.yaml:4:21: error: 'sqlite' of stage 'w' has no path; write 'path: ...' in it"),
    Said(
      "sqlite in memory", withSink("{ sqlite: ':memory:' }"),
      "p.yaml:4:21: error: ':memory:' is no path of a database; name a file, such as out.db"),
    Said(
      "sqlite as a URI", withSink("{ sqlite: { path: 'file:o.db?mode=ro' } }"),
      "p.yaml:4:29: error: 'file:o.db?mode=ro' is no path of a database; name a file, such as out.db"),
    Said(
      "sqlite folder", withSink("{ sqlite: data }"),
      "p.yaml:4:21: error: 'data' is a folder; add the name of a file"),
    Said(
      "sqlite's own tables", withSink("{ sqlite: { path: o.db, table: SQLite_x, existing: overwrite } }"),
      "p.yaml:4:42: error: 'table': 'SQLite_x' is a name that SQLite keeps for itself; choose another",
      "p.yaml:4:62: error: 'existing': 'overwrite' is not one of the choices; write own, replace, append or refuse"
    ),
    Said(
      "sqlite no table", withSink("{ sqlite: { path: o.db, table: '' } }"),
      "p.yaml:4:42: error: 'table': '' is no name of a table; write one such as flights"),
    Said(
      "sqlite columns", withSink("{ sqlite: { path: o.db, columns: { a: text, A: real, b: string } } }"),
      "p.yaml:4:55: error: 'columns' names 'A' twice, as SQLite does not tell capitals; name it once",
      "p.yaml:4:67: error: the type of 'b': 'string' is not one of the choices; write text, integer, real or any"
    ),
    Said(
      "sqlite column list", withSink("{ sqlite: { path: o.db, columns: [a, a, ''] } }"),
      "p.yaml:4:48: error: 'columns' names 'a' twice; name it once",
      "p.yaml:4:51: error: '' is no name of a column; write one"),
    Said(
      "sqlite no columns", withSink("{ sqlite: { path: o.db, columns: [] } }"),
      "p.yaml:4:44: error: 'columns' names none; name the columns"),
    Said(
      "sqlite columns a text", withSink("{ sqlite: { path: o.db, columns: a } }"),
      "p.yaml:4:44: error: 'columns' must be a mapping or a list, and this is a text; write '{ carrier: text }' or '[carrier]'"
    ),
    Said(
      "sqlite key", withSink("{ sqlite: { path: o.db, columns: [carrier, b], key: [carier, b, b] } }"),
      "p.yaml:4:64: error: 'key' names 'carier', which is none of the columns; did you mean 'carrier'? columns: carrier, b",
      "p.yaml:4:75: error: 'key' names 'b' twice; name it once"),
    Said(
      "sqlite no key", withSink("{ sqlite: { path: o.db, key: [] } }"),
      "p.yaml:4:40: error: 'key' is an empty list; name a column"),
    Said(
      "sqlite as a source", withSource("{ sqlite: a }"),
      "p.yaml:3:15: error: unknown key 'sqlite' in 'source' of stage 'r'; known: file, use, with"),
    Said(
      "a family and its member",
      file(
        "a: { from: r, workers: 2, sink: { file: o.jsonl } }", "b: { from: r, sink: { file: o.1.jsonl } }",
        "c: { from: r, sink: { file: o.2.jsonl } }", "d: { from: r, sink: { file: o.jsonl } }"),
      "p.yaml:4:31: error: stage 'a' writes 'o.1.jsonl' already; let one sink follow both: 'from: [a, b]'"),
    Said(
      "a member and its family",
      file(
        "a: { from: r, sink: { file: o.000017.jsonl } }",
        "b: { from: r, sink: { file: { path: o.jsonl, rotate: { size: 1MiB } } } }"),
      "p.yaml:4:39: error: stage 'a' writes 'o.000017.jsonl' already; let one sink follow both: 'from: [a, b]'"
    ),
    Said(
      "families that meet",
      file(
        "a: { from: r, workers: 4, sink: { file: { path: o.jsonl, rotate: { size: 1MiB } } } }",
        "b: { from: r, sink: { file: { path: o.3.jsonl, rotate: { every: 1h } } } }",
        "c: { from: r, sink: { file: { path: o.4.jsonl, rotate: { every: 1h } } } }"),
      "p.yaml:4:39: error: stage 'a' writes 'o.3.000001.jsonl' already; let one sink follow both: 'from: [a, b]'"
    ),
    Said(
      "a family over its input",
      "stages:\n  r: { source: { file: 'data/*.csv' } }\n  w: { workers: 3, sink: { file: data/in.csv } }\n",
      "p.yaml:3:34: error: 'data/in.2.csv' is read by stage 'r'; write to another file"),
    Said(
      "tables",
      file(
        "a: { from: r, sink: { sqlite: o.db } }", "b: { from: r, sink: { sqlite: ./o.db } }",
        "c: { from: r, sink: { sqlite: { path: o.db, table: B } } }",
        "d: { from: r, sink: { file: { path: o.db-wal, format: lines } } }"),
      "p.yaml:5:41: error: stage 'b' writes table 'B' of 'o.db' already; let one sink follow both: 'from: [a, b]'",
      "p.yaml:6:39: error: stage 'a' writes 'o.db-wal' already; let one sink follow both: 'from: [a, b]'"),
    Said(
      "a table onto an input", withSink("{ sqlite: data/flights.csv }"),
      "p.yaml:4:21: error: 'data/flights.csv' is read by stage 'r'; write to another file"),
  ]

  @Test(arguments: cases) func says(_ said: Said) {
    let workspace = Workspace()
    if said.text.contains("data/*.csv") { workspace.write("data/in.2.csv", "a\n") }
    #expect(workspace.said(about: said.text) == said.expected)
  }

  private func sink(_ text: String, name: String = "w") throws -> StagePlan {
    let text = withSink(text).replacing("  w:", with: "  \(name):")
    return try Workspace().load(text: text).get().plan.stages[1]
  }

  private func table(_ text: String, name: String = "w") throws -> SQLiteTarget {
    guard case .sink(let sink) = try sink(text, name: name).work, case .sqlite(let table) = sink.target else {
      throw Unexpected()
    }
    return table
  }

  @Test func tablesArePlanned() throws {
    let plain = try table("{ sqlite: out/o.db }", name: "late-flights")
    #expect(plain.shown == "out/o.db" && plain.path.hasSuffix("/out/o.db"))
    #expect(
      plain.table == "late_flights" && plain.key == [] && plain.columns == nil && plain.existing == .own)
    let full = try table(
      "{ sqlite: { path: o.db, table: T, key: a, columns: { a: text, b: integer, c: real, d: any }, existing: replace } }"
    )
    #expect(full.table == "T" && full.key == ["a"] && full.existing == .replace)
    #expect(full.columns?.map(\.name) == ["a", "b", "c", "d"])
    #expect(full.columns?.map(\.type) == [.text, .integer, .real, .any])
    let list = try table("{ sqlite: { path: o.db, key: [b, a], columns: [a, b] } }")
    #expect(list.key == ["b", "a"] && list.columns?.map(\.type) == [.any, .any])
    #expect(try table("{ sqlite: o.db }", name: "7-up").table == "t_7_up")
  }

  @Test func filesArePlanned() throws {
    let stage = try sink(
      "{ file: { path: o.csv, rotate: { size: 1.5KiB, every: 2m } } }\n    workers: 2\n    order: any\n    key: .a"
    )
    #expect(stage.workers == 2 && stage.key?.program == ".a")
    #expect(stage.key?.position == SourcePosition(file: "p.yaml", line: 7, column: 10))
    guard case .sink(let sink) = stage.work, case .file(let file) = sink.target else { throw Unexpected() }
    #expect(sink.order == .any)
    #expect(file.rotation == FileTarget.Rotation(size: 1_536, every: 120_000_000_000))
  }

  @Test func whatADiscardingSinkIs() throws {
    guard case .sink(let sink) = try sink("discard").work else { throw Unexpected() }
    #expect(sink.target == .discard && sink.order == .source)
  }
}
