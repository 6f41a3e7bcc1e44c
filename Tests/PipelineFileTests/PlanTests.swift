import Testing

import PipelineFile

@Suite struct PlanTests {
  static let full = """
    name: flights-daily
    vars: { min_delay: 15, out: "${OUT_DIR:-out}", odd: "$${x} # é", nested: { a: [1, "2", null] } }
    secrets: { db: { env: HOME } }
    x-patient: &patient { max: 10, within: 1m, backoff: 50ms..5s }
    x-nulls: &nulls { nulls: ["", NA] }
    stages:
      read:
        source: { file: { path: "${CSV}", csv: { <<: *nulls, types: { a: text, "b c": number }, ragged: pad } } }
      other:
        source: { file: { path: "-", format: jsonl } }
      clean:
        from: [read, other]
        workers: 2
        start_method: auto
        restart: { policy: on-failure, <<: *patient }
        on_error: fail
        steps:
          - filter: .dep_delay != null       # keeps what has left
          - lookup: { table: data/airlines.csv, key: .carrier, as: airline, missing: null }
          - map: |
              { carrier, airline: .airline.name,
                late: (.dep_delay > $vars.min_delay) }
      second:
        from: clean
        start_method: spawn
        restart: never
        steps: [{ map: '"${vars.out}"' }, { map: "  .a\\n" }]
      late:
        from: [clean, second]
        sink: { file: { path: "${vars.out}/late.tsv", csv: { columns: [carrier, "true"] }, existing: replace } }
      shown:
        from: second
        sink: { stdout: { format: lines } }

    """

  @Test func everythingIsFilledIn() throws {
    let workspace = Workspace()
    let loaded = try workspace.load(text: Self.full).get()
    let plan = loaded.plan
    #expect(loaded.warnings == [])
    #expect(plan.name == "flights-daily")
    #expect(plan.file == "p.yaml")
    #expect(plan.directory == workspace.path)
    #expect(
      plan.vars == [
        .init(name: "min_delay", json: "15"), .init(name: "out", json: "\"out\""),
        .init(name: "odd", json: "\"${x} # é\""), .init(name: "nested", json: "{\"a\":[1,\"2\",null]}"),
      ])
    #expect(plan.declaredStages.map(\.name) == ["read", "other", "clean", "second", "late", "shown"])
    #expect(plan.declaredStages.map(\.upstream) == [[], [], [0, 1], [2], [2, 3], [3]])
    #expect(plan.declaredStages.map(\.downstream) == [[2], [2], [3, 4], [4, 5], [], []])
    #expect(plan.declaredStages.map(\.workers) == [1, 1, 2, 1, 1, 1])
    #expect(plan.declaredStages.map(\.startMethod) == [.fork, .fork, .forkserver, .spawn, .fork, .fork])
    #expect(plan.declaredStages.map(\.requestedStartMethod) == [.auto, .auto, .auto, .spawn, .auto, .auto])
    #expect(
      plan.stages[1...3].map(\.startMethodReason) == [
        "starts fastest; nothing in this stage needs a clean process",
        "preloads the table of data/airlines.csv so that its workers share its pages",
        "asked for at p.yaml:25:19",
      ])
    #expect(
      plan.stages[2].restart
        == RestartPlan(
          policy: .onFailure, max: 10, window: 60_000_000_000, firstBackoff: 50_000_000,
          lastBackoff: 5_000_000_000))
    #expect(plan.stages[0].restart == .standard)
    #expect(plan.stages[3].restart.policy == .never)
  }

  @Test func worksArePlanned() throws {
    let workspace = Workspace()
    let plan = try workspace.load(text: Self.full).get().plan
    guard case .source(let source) = plan.stages[0].work, case .source(let input) = plan.stages[1].work,
      case .steps(let steps) = plan.stages[2].work, case .sink(let file) = plan.stages[4].work,
      case .sink(let output) = plan.stages[5].work
    else { throw Unexpected() }
    #expect(source.pattern == "data/flights.csv")
    #expect(source.files.map(\.path) == [workspace.path + "/data/flights.csv"])
    #expect(source.files.map(\.shown) == ["data/flights.csv"])
    #expect(
      source.format
        == .csv(
          CSVOptions(
            nulls: ["", "NA"],
            types: [.init(column: "a", type: .text), .init(column: "b c", type: .number)], ragged: .pad)))
    #expect(input.pattern == "-" && input.files.isEmpty && input.format == .jsonLines)
    guard case .filter(let filter) = steps[0], case .lookup(let lookup) = steps[1],
      case .map(let map) = steps[2]
    else { throw Unexpected() }
    #expect(
      filter == JQPlan(program: ".dep_delay != null", position: .init(file: "p.yaml", line: 18, column: 17)))
    #expect(lookup.table.shown == "data/airlines.csv" && lookup.format == .csv(CSVOptions()))
    #expect(lookup.tableKey == "carrier" && lookup.field == "airline" && lookup.missing == .null)
    #expect(map.position == .init(file: "p.yaml", line: 21, column: 11))
    #expect(
      map.program == "{ carrier, airline: .airline.name,\n  late: (.dep_delay > $vars.min_delay) }\n")
    #expect(
      file.target
        == .file(
          FileTarget(path: workspace.path + "/out/late.tsv", shown: "out/late.tsv", existing: .replace)))
    #expect(
      file.format == .csv(CSVOptions(delimiter: UInt8(ascii: "\t"), columns: ["carrier", "true"])))
    #expect(output.target == .standardOutput && output.format == .lines)
  }

  @Test func aPlanSurvivesItsJSON() throws {
    let plan = try Workspace().load(text: Self.full).get().plan
    let json = try plan.canonicalJSON()
    #expect(try Plan(canonicalJSON: json) == plan)
    #expect(try Plan(canonicalJSON: json).canonicalJSON() == json)
  }

  @Test func stagesFollowEachOther() throws {
    let text =
      "stages:\n  r: { source: { file: data/log.jsonl } }\n  s: { steps: [{ map: . }] }\n  w: { sink: stdout }\n"
    let plan = try Workspace().load(text: text).get().plan
    #expect(plan.name == "p")
    #expect(plan.declaredStages.map(\.upstream) == [[], [0], [1]])
    #expect(plan.declaredStages.map(\.downstream) == [[1], [2], []])
  }

  static let names = [
    ("My Flights.yaml", "my-flights"), ("a.b_c.yml", "a-b_c"), ("ü.yaml", "pipeline"), ("x", "x"),
  ]

  @Test(arguments: names) func theNameIsTheFiles(_ name: (file: String, expected: String)) throws {
    let workspace = Workspace()
    workspace.write(name.file, withSink("stdout"))
    #expect(try workspace.load(name.file).get().plan.name == name.expected)
  }

  @Test func overlaysMerge() throws {
    let workspace = Workspace()
    workspace.write("p.yaml", withStage("workers: 2\nsteps: [{ map: . }, { map: .a }]"))
    workspace.write(
      "o.yaml", "name: over\nvars: { a: 1 }\nstages:\n  s: { workers: 3, steps: [{ filter: .b }] }\n")
    workspace.write("o2.yaml", "vars: { b: 2 }\nstages: { r: { source: { file: data/more.csv } } }\n")
    let plan = try workspace.load(overlays: ["o.yaml", "o2.yaml"]).get().plan
    #expect(plan.name == "over")
    #expect(plan.vars.map(\.name) == ["a", "b"])
    #expect(plan.declaredStages.map(\.name) == ["r", "s", "w"])
    #expect(plan.stages[1].workers == 3)
    let position = SourcePosition(file: "o.yaml", line: 4, column: 38)
    #expect(plan.stages[1].work == .steps([.filter(JQPlan(program: ".b", position: position))]))
    workspace.write("o2.yaml", "stages: { s: { workers: 0, restart: x } }\nname: B\n")
    #expect(
      workspace.said(overlays: ["o.yaml", "o2.yaml"]) == [
        "o2.yaml:1:25: error: 'workers': 0 is out of range; write a number from 1 to 256",
        "o2.yaml:1:37: error: 'restart': 'x' is not one of the choices; write always, on-failure or never",
        "o2.yaml:2:7: error: 'name': 'B' is no name; write small letters, digits, '-' and '_', such as 'b'",
      ])
  }
}
