import Testing

import PipelineFile

@Suite struct ExplanationTests {
  @Test func everyDefaultIsTold() throws {
    let text = """
      stages:
        r: { source: { file: data/flights.csv } }
        s:
          workers: 2
          restart: on-failure
          steps: [{ filter: .a }, { lookup: { table: data/airlines.csv, key: .carrier, as: x } }]
        w: { start_method: spawn, sink: { file: out.jsonl } }

      """
    let lines = PlanExplanation.explain(try Workspace().load(text: text).get())
    #expect(
      lines == [
        "pipeline p (p.yaml)",
        "  default name: p",
        "  default dead_letters: limit 10%, kept until they are dropped",
        "  default strategy: one-for-one",
        "",
        "stage r: source data/flights.csv, 1 file, csv",
        "  start method: fork (starts fastest; nothing in this stage needs a clean process)",
        "  workers: 1",
        "  restart: always, at most 5 within 1m, backoff 50ms..5s",
        "  default follow: false ('file')",
        "  default spool: false ('file')",
        "  default format: csv, from the extension '.csv' ('file')",
        "  default workers: 1",
        "  default start_method: auto",
        "  default restart: always, at most 5 within 1m, backoff 50ms..5s",
        "  default on_error: dead-letter",
        "",
        "stage s: steps filter, lookup in data/airlines.csv",
        "  start method: forkserver (preloads the table of data/airlines.csv so that its workers share its pages)",
        "  workers: 2",
        "  from: r",
        "  restart: on-failure, at most 5 within 1m, backoff 50ms..5s",
        "  on error: dead-letter, record by record after 3 deaths",
        "  default format: csv, from the extension '.csv' ('lookup' in step 2)",
        "  default missing: fail ('lookup' in step 2)",
        "  default table_key: carrier ('lookup' in step 2)",
        "  default start_method: auto",
        "  default restart limits: at most 5 within 1m, backoff 50ms..5s",
        "  default on_error: dead-letter",
        "  default attempts: 3",
        "  default deadline: none",
        "  default from: r",
        "",
        "stage w: sink out.jsonl, jsonl, existing: own, order: source",
        "  start method: spawn (asked for at p.yaml:7:22)",
        "  workers: 1",
        "  from: s",
        "  restart: always, at most 5 within 1m, backoff 50ms..5s",
        "  on error: dead-letter, record by record after 3 deaths",
        "  default existing: own ('file')",
        "  default format: jsonl, from the extension '.jsonl' ('file')",
        "  default workers: 1",
        "  default restart: always, at most 5 within 1m, backoff 50ms..5s",
        "  default on_error: dead-letter",
        "  default attempts: 3",
        "  default deadline: none",
        "  default from: s",
        "  default order: source",
      ])
  }

  @Test func thePrintedFileMeansTheSame() throws {
    let workspace = Workspace()
    let loaded = try workspace.load(text: PlanTests.full).get()
    let printed = PlanExplanation.print(loaded)
    #expect(
      printed.split(separator: "\n") == [
        "name: flights-daily",
        "vars:",
        "  min_delay: 15",
        "  out: \"out\"",
        "  odd: \"$${x} # é\"",
        "  nested:",
        "    a:",
        "      - 1",
        "      - \"2\"",
        "      - null",
        "secrets:",
        "  db:",
        "    env: HOME",
        "stages:",
        "  read:",
        "    source:",
        "      file:",
        "        path: \"data/flights.csv\"",
        "        csv:",
        "          types:",
        "            a: text",
        "            \"b c\": number",
        "          ragged: pad",
        "          nulls:",
        "            - \"\"",
        "            - NA",
        "  other:",
        "    source:",
        "      file:",
        "        path: \"-\"",
        "        format: jsonl",
        "  clean:",
        "    from:",
        "      - read",
        "      - other",
        "    workers: 2",
        "    start_method: auto",
        "    restart:",
        "      policy: on-failure",
        "      max: 10",
        "      within: 1m",
        "      backoff: 50ms..5s",
        "    on_error: fail",
        "    steps:",
        "      - filter: |-",
        "          .dep_delay != null",
        "      - lookup:",
        "          table: data/airlines.csv",
        "          key: |-",
        "            .carrier",
        "          as: airline",
        "          missing: null",
        "      - map: |",
        "          { carrier, airline: .airline.name,",
        "            late: (.dep_delay > $vars.min_delay) }",
        "  second:",
        "    from: clean",
        "    start_method: spawn",
        "    restart: never",
        "    steps:",
        "      - map: |-",
        "          \"${vars.out}\"",
        "      - map: \"  .a\\n\"",
        "  late:",
        "    from:",
        "      - clean",
        "      - second",
        "    sink:",
        "      file:",
        "        path: \"out/late.tsv\"",
        "        csv:",
        "          columns:",
        "            - carrier",
        "            - \"true\"",
        "        existing: replace",
        "  shown:",
        "    from: second",
        "    sink:",
        "      stdout:",
        "        format: lines",
      ])
    workspace.environment["OUT_DIR"] = "elsewhere"
    #expect(try workspace.load(text: printed).get().plan.withoutPositions == loaded.plan.withoutPositions)
  }

  static let values = [
    "''", "' a'", "'a: b'", "'- a'", "\"a\\nb\"", "\"a\\n\\nb\\n\"", "\"\\n\"", "\"a\\n\\n\"", "\" a\\n b\"",
    "\"a \\n\\tb\"",
    "\"\\u0085\\u2028\\ufeff\\e\"", "'#'", "'${'", "'$${'", "'$$${'", "'true'", "'null'", "null", "'1'", "1",
    "~", "", "[]", "{}",
    "[[], [[1]], {}]", "[{ a: [{ b: c, d: [e] }], '': f }]", "'<<'", "{ '<<': 1, 'a b': 2, '\"': 3, '1': 4 }",
    "é", "!!str 5",
    "|\n    a\n\n      b\n", ">\n    a\n    b\n", "'*a'", "'@'", "\"a\\\\b\"",
  ]

  @Test(arguments: values) func everyValueIsPrintedSo(that value: String) throws {
    let workspace = Workspace()
    // '${' alone is a reference that is never closed; what it is made of is the reader's matter.
    let written = value == "'${'" ? "'$${'" : value
    let loaded = try workspace.load(text: "vars:\n  a: \(written)\n" + withSink("stdout")).get()
    let printed = PlanExplanation.print(loaded)
    #expect(try workspace.load(text: printed).get().plan.vars == loaded.plan.vars, "\(printed)")
  }
}

extension Plan {
  /// The plan with every place blotted out.
  var withoutPositions: Plan {
    let nowhere = SourcePosition(file: "", line: 0, column: 0)
    var plan = self
    for index in plan.stages.indices {
      plan.stages[index].position = nowhere
      plan.stages[index].key?.position = nowhere
      if plan.stages[index].startMethodReason.hasPrefix("asked for") {
        plan.stages[index].startMethodReason = ""
      }
      switch plan.stages[index].work {
      case .source(var source):
        source.position = nowhere
        plan.stages[index].work = .source(source)
      case .sink(var sink):
        sink.position = nowhere
        plan.stages[index].work = .sink(sink)
      case .userSource, .custody, .letters, .deadLetters: break
      case .steps(let steps):
        plan.stages[index].work = .steps(
          steps.map { step in
            switch step {
            case .filter(let jq): .filter(JQPlan(program: jq.program, position: nowhere))
            case .map(let jq): .map(JQPlan(program: jq.program, position: nowhere))
            case .exec, .use: step
            case .lookup(var lookup):
              {
                lookup.position = nowhere
                lookup.key.position = nowhere
                return .lookup(lookup)
              }()
            }
          })
      }
    }
    return plan
  }
}
