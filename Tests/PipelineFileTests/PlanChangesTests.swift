import Testing

import PipelineFile

/// One edit of the file and what is said of the state that was made before it.
struct Edit: CustomTestStringConvertible, Sendable {
  var testDescription: String
  var replaced: String
  var with: String
  var expected: [String]

  init(_ name: String, _ replaced: String, _ with: String, _ expected: String...) {
    testDescription = name
    self.replaced = replaced
    self.with = with
    self.expected = expected
  }
}

@Suite struct PlanChangesTests {
  static let file = """
    name: p
    vars: { late: 15, spare: 1, out: out }
    stages:
      read:
        source: { file: { path: 'data/*s.csv', csv: { nulls: [NA] } } }
      other:
        source: { file: data/more.csv }
      left:
        from: read
        workers: 2
        steps:
          - filter: .a > $vars.late
          - lookup: { table: data/airlines.csv, key: .carrier, as: airline, missing: null }
          - map: .b
      right:
        from: [read, other]
        workers: 3
        key: .carrier
        steps: [{ map: .c }]
      late:
        from: [left, right]
        sink: { file: { path: "${vars.out}/late.jsonl" } }
      table:
        from: left
        on_error: drop
        sink: { sqlite: { path: o.db, key: [a], columns: [a, b] } }
      parts:
        from: right
        workers: 2
        sink: { file: { path: parts.csv, rotate: { size: 1MiB } } }
      shown:
        from: left
        sink: stdout

    """
  static let otherAndRight = String(
    file[file.firstRange(of: "  other:")!.lowerBound..<file.firstRange(of: "other]")!.upperBound])
  static let prevented: [Edit] = [
    Edit(
      "another pipeline", "name: p\n", "name: q\n",
      "the pipeline is 'q', and the state is that of 'p'"),
    Edit(
      "a source renamed", otherAndRight, otherAndRight.replacing("other", with: "others"),
      "stage 'other' is gone",
      "p.yaml:15:3: stage 'right' reads 'read', 'others' now, and read 'read', 'other'"),
    Edit(
      "a pattern", "data/more.csv", "./data/more.csv",
      "p.yaml:7:21: stage 'other': it reads './data/more.csv' now, and read 'data/more.csv'"),
    Edit(
      "a source's workers", "csv: { nulls: [NA] } } }", "csv: { nulls: [NA] } } }\n    workers: 2",
      "p.yaml:4:3: stage 'read': its workers changed from 1 to 2"),
    Edit(
      "a source's options", "csv: { nulls: [NA] }", "csv: { nulls: ['NA', ''] }",
      "p.yaml:5:29: stage 'read': the options of its csv changed"),
    Edit(
      "a source's format", "csv: { nulls: [NA] }", "format: lines",
      "p.yaml:5:29: stage 'read': its format changed from csv to lines"),
    Edit(
      "followed", "source: { file: data/more.csv }",
      "source: { file: { path: data/more.csv, follow: true } }",
      "p.yaml:6:3: stage 'other': it follows its file now",
      "p.yaml:20:3: stage 'late': its order changed from source to any",
      "p.yaml:27:3: stage 'parts': its order changed from source to any"),
    Edit(
      "a filter", ".a > $vars.late", ".a >= $vars.late",
      "p.yaml:12:17: stage 'left', step 1 (filter): its program changed"),
    Edit(
      "a map", "map: .b", "map: |\n          .b.b",
      "p.yaml:15:11: stage 'left', step 3 (map): its program changed"),
    Edit(
      "a step more", "- map: .b", "- map: .b\n      - map: .",
      "p.yaml:8:3: stage 'left': its steps are filter, lookup, map, map now, and were filter, lookup, map"),
    Edit(
      "another table", "data/airlines.csv", "data/flights.csv",
      "p.yaml:13:9: stage 'left', step 2 (lookup): its table is 'data/flights.csv' now, and was '$DIR/data/airlines.csv'"
    ),
    Edit(
      "a lookup's options", "key: .carrier, as: airline, missing: null",
      "key: .carriers, as: line, missing: drop, table_key: name",
      "p.yaml:13:9: stage 'left', step 2 (lookup): its table_key is 'name' now, and was 'carrier'",
      "p.yaml:13:9: stage 'left', step 2 (lookup): it adds 'line' now, and added 'airline'",
      "p.yaml:13:9: stage 'left', step 2 (lookup): its 'missing' changed from null to drop",
      "p.yaml:13:50: stage 'left', step 2 (lookup): its key changed"),
    Edit(
      "a table's format", "missing: null", "missing: null, csv: { infer: false }",
      "p.yaml:13:9: stage 'left', step 2 (lookup): the format of its table changed"),
    Edit(
      "a key", "key: .carrier\n", "key: .b\n", "p.yaml:18:10: stage 'right': its key changed"),
    Edit("no key", "    key: .carrier\n", "", "p.yaml:15:3: stage 'right': it has no key any more"),
    Edit(
      "a key more", "workers: 2\n    steps", "workers: 2\n    key: .a\n    steps",
      "p.yaml:11:10: stage 'left': it has a key now"),
    Edit(
      "the workers of a key", "workers: 3", "workers: 2",
      "p.yaml:15:3: stage 'right': its workers changed from 3 to 2"),
    Edit(
      "a sink's file", "late.jsonl", "later.jsonl",
      "p.yaml:22:27: stage 'late': it writes 'out/later.jsonl' now, and wrote '$DIR/out/late.jsonl'"),
    Edit(
      "a sink's format", "late.jsonl\" }", "late.jsonl\", format: csv }",
      "p.yaml:22:27: stage 'late': its format changed from jsonl to csv"),
    Edit(
      "a sink's order", "from: [left, right]\n", "from: [left, right]\n    order: any\n",
      "p.yaml:20:3: stage 'late': its order changed from source to any"),
    Edit(
      "a sink's workers", "workers: 2\n    sink", "workers: 4\n    sink",
      "p.yaml:27:3: stage 'parts': its workers changed from 2 to 4"),
    Edit(
      "a sink's key", "workers: 2\n    sink", "workers: 2\n    key: .a\n    sink",
      "p.yaml:30:10: stage 'parts': it has a key now"),
    Edit(
      "rotation", "1MiB", "2MiB", "p.yaml:30:27: stage 'parts': its 'rotate' changed"),
    Edit(
      "a table", "{ path: o.db, key: [a], columns: [a, b] }",
      "{ path: p.db, table: t, key: b, columns: { a: text, b: any } }",
      "p.yaml:26:29: stage 'table': it writes 'p.db' now, and wrote '$DIR/o.db'",
      "p.yaml:26:29: stage 'table': its table is 't' now, and was 'table'",
      "p.yaml:26:29: stage 'table': the key of its table changed",
      "p.yaml:26:29: stage 'table': the columns of its table changed"),
    Edit(
      "another kind of sink", "sink: stdout", "sink: discard",
      "p.yaml:33:11: stage 'shown': it writes to nothing now, and wrote to standard output"),
    Edit(
      "a sink is gone", "  shown:\n    from: left\n    sink: stdout\n", "", "stage 'shown' is gone"),
    Edit(
      "a stage between", "  shown:\n    from: left\n",
      "  between: { from: left, steps: [{ map: . }] }\n  shown:\n    from: between\n",
      "p.yaml:32:3: stage 'shown' reads 'between' now, and read 'left'"),
    Edit(
      "another kind of stage",
      "right:\n    from: [read, other]\n    workers: 3\n    key: .carrier\n    steps: [{ map: .c }]",
      "right:\n    source: { file: data/log.jsonl }\n  x:\n    from: other\n    sink: discard",
      "p.yaml:15:3: stage 'right' is a source now, and had steps"),
    Edit(
      "a variable that is used", "late: 15", "late: 16",
      "p.yaml:12:17: stage 'left', step 1 (filter): the variable 'late' that it uses changed"),
    Edit(
      "a variable that is gone", "late: 15, ", "",
      "p.yaml:12:17: stage 'left', step 1 (filter): the variable 'late' that it uses changed"),
  ]
  static let kept: [Edit] = [
    Edit("nothing", "name: p\n", "name: p\n"),
    Edit("workers of steps", "workers: 2\n    steps", "workers: 9\n    steps"),
    Edit("how it is restarted", "from: read\n", "from: read\n    restart: never\n"),
    Edit("what it may use", "from: read\n", "from: read\n    memory: 1GiB\n    recycle_after: 1h\n"),
    Edit("errors", "from: read\n", "from: read\n    on_error: fail\n    attempts: 9\n    deadline: 1s\n"),
    Edit("letters", "name: p\n", "name: p\ndead_letters: { limit: 3, keep: 1d }\n"),
    Edit("start method", "from: read\n", "from: read\n    start_method: spawn\n"),
    Edit("secrets", "name: p\n", "name: p\nsecrets: { home: { env: HOME } }\n"),
    Edit("what no program uses", "spare: 1, ", "another: 2, "),
    Edit("comments", "stages:\n", "\n# places move\n\nstages:\n"),
    Edit("style", "filter: .a > $vars.late", "filter: |\n          .a > $vars.late"),
    Edit("what was there", "late.jsonl\" }", "late.jsonl\", existing: replace }"),
    Edit("the order of from", "from: [left, right]", "from: [right, left]"),
    Edit(
      "a stage that has moved", "  shown:\n    from: left\n    sink: stdout\n", "",
    ),
    Edit(
      "a new sink", "  shown:\n",
      "  new: { from: extra, sink: { file: new.jsonl } }\n  extra: { from: left, steps: [{ map: . }] }\n  shown:\n",
      "p.yaml:31:3: stage 'new' is new: it gets what is read from now on",
      "p.yaml:32:3: stage 'extra' is new: it gets what is read from now on"),
    Edit(
      "a new source", "  shown:\n",
      "  log: { source: { file: data/log.jsonl } }\n  alone: { from: log, sink: { file: alone.jsonl } }\n  shown:\n",
      "p.yaml:31:3: stage 'log' is new: it reads from the beginning"),
  ]

  private func changes(_ edit: Edit) throws -> [PlanChange] {
    let workspace = Workspace()
    let old = try workspace.load(text: Self.file).get().plan
    try #require(Self.file.ranges(of: edit.replaced).count > 0, "the edit changes nothing")
    var text = Self.file
    text.replaceSubrange(text.firstRange(of: edit.replaced)!, with: edit.with)
    if edit.testDescription == "a stage that has moved" {
      text = text.replacing("stages:\n", with: "stages:\n" + edit.replaced)
    }
    return try workspace.load(text: text).get().plan.changes(since: old).map { change in
      var change = change
      change.message = change.message.replacing(workspace.path, with: "$DIR")
      return change
    }
  }

  @Test(arguments: prevented) func isPrevented(by edit: Edit) throws {
    let changes = try changes(edit)
    #expect(changes.map(\.summary) == edit.expected)
    #expect(!changes.isEmpty && changes.allSatisfy { $0.effect == .prevents })
    #expect(!changes.keepState)
  }

  @Test(arguments: kept) func isKept(after edit: Edit) throws {
    let changes = try changes(edit)
    #expect(changes.map(\.summary) == edit.expected)
    #expect(changes.keepState)
  }

  @Test func aTablesFileThatChangedPrevents() throws {
    let workspace = Workspace()
    let old = try workspace.load(text: Self.file).get().plan
    workspace.write("data/airlines.csv", "carrier,name\nAA,Other\nB,More\n")
    #expect(
      try workspace.load().get().plan.changes(since: old).map(\.message) == [
        "stage 'left', step 2 (lookup): the file of its table changed: 'data/airlines.csv'"
      ])
  }

  @Test func inputFilesThatChangedDoNot() throws {
    let workspace = Workspace()
    let old = try workspace.load(text: Self.file).get().plan
    workspace.write("data/more.csv", "a,b\n3,4\n5,6\n")
    workspace.write("data/news.csv", "a,b\n7,8\n")
    #expect(try workspace.load().get().plan.changes(since: old) == [])
  }

  @Test func theOrderThatAJoinSeesPrevents() throws {
    func plan(_ lines: [String]) throws -> Plan {
      let text = "stages:\n" + lines.map { "  \($0)\n" }.joined()
      let workspace = Workspace()
      var plan = try workspace.load(text: text).get().plan
      plan.directory = "/d"
      return plan
    }
    let stages = [
      "a: { source: { file: data/log.jsonl } }", "b: { source: { file: data/more.csv } }",
      "x: { from: a, steps: [{ map: . }] }", "y: { from: a, steps: [{ map: . }] }",
      "z: { from: [x, y, b], sink: discard }", "lone: { from: b, sink: discard }",
    ]
    let old = try plan(stages)
    func said(_ order: [Int]) throws -> [String] {
      try plan(order.map { stages[$0] }).changes(since: old).map(\.message)
    }
    #expect(try said([0, 2, 1, 3, 4, 5]) == [])
    #expect(try said([5, 4, 0, 2, 1, 3]) == [])
    #expect(
      try said([1, 0, 2, 3, 4, 5]) == [
        "stage 'z' gets what comes by 'b' before what comes by 'a' now; their order in the file was the other"
      ])
    #expect(
      try said([0, 1, 3, 2, 4, 5]) == [
        "stage 'z' gets what comes by 'y' before what comes by 'x' now; their order in the file was the other"
      ])
  }

  @Test func aFolderThatMovedIsToldOnce() throws {
    // A copy of a table has an identity of its own, so there is none.
    let text = Self.file.split(separator: "\n").filter { !$0.contains("lookup") }.joined(separator: "\n")
    let old = try Workspace().load(text: text).get().plan
    let workspace = Workspace()
    let plan = try workspace.load(text: text).get().plan
    #expect(
      plan.changes(since: old).map(\.message) == [
        "the pipeline's folder is '\(workspace.path)' now, and was '\(old.directory)'"
      ])
  }

  static let uses: [(program: String, names: [String])] = [
    (".a", []), ("$vars.late", ["late"]), ("{a: $vars.a, b: ($vars.b_2|.c)}", ["a", "b_2"]),
    ("$vars", ["late", "spare"]), ("$vars[\"late\"]", ["late", "spare"]),
    ("$vars | .late", ["late", "spare"]),
    ("$vars .late", ["late"]), ("$ vars.late", ["late"]), ("{$vars}", ["late", "spare"]),
    ("$vars.\"late\"", ["late", "spare"]), ("$varsity.late", []), ("\"\\($vars.late)\"", ["late"]),
    ("$vars.late.deep", ["late"]), ("$__loc__ | $x", []),
  ]

  @Test(arguments: uses) func variablesAreFoundInPrograms(_ use: (program: String, names: [String])) throws {
    func plan(_ vars: String) throws -> Plan {
      let workspace = Workspace()
      var plan = try workspace.load(
        text: "vars: { \(vars) }\n" + withStage("steps:\n  - map: |\n      \(use.program)")
      ).get().plan
      plan.directory = "/d"
      return plan
    }
    let changes = try plan("late: 2, spare: 3, a: 2, b_2: 2").changes(
      since: plan("late: 1, spare: 2, a: 1, b_2: 1"))
    let named = changes.map { String($0.message.split(separator: "'")[3]) }
    let all = ["a", "b_2", "late", "spare"]
    #expect(named == (use.names.contains("spare") ? all : use.names))
  }
}
