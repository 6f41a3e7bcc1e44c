import Testing

import PipelineFile

/// Whole files: the one that the design shows, and one with every key of the newer half of the format.
@Suite struct ExampleFileTests {
  static let design = """
    name: flights-daily
    vars:    { min_delay: 15, out: "${OUT_DIR:-out}" }     # typed; jq sees them as $vars
    secrets: { db: { env: DB_URL } }                       # or { file: ... }; never in jq, logs, state, graph
    dead_letters: { limit: 10%, keep: 30d }                # over the limit (after 1,000 records): stop, exit 1
    x-patient: &patient { max: 10, within: 1m, backoff: 50ms..5s }
    stages:
      read:
        source: { file: { path: data/flights.csv, csv: { nulls: ["", NA] } } }   # short: { file: data/flights.csv }
      clean:
        from: read
        workers: 2
        start_method: auto                   # auto | fork | spawn | forkserver
        restart: *patient                    # or: restart: never
        on_error: dead-letter                # dead-letter | drop | fail
        steps:
          - filter: .dep_delay != null       # jq, keeps records for which it is true
          - lookup: { table: data/airlines.csv, key: .carrier, as: airline, missing: dead-letter }
          - map: |                           # jq, 0..n results
              { carrier, airline: .airline.name, late: (.dep_delay > $vars.min_delay) }
      late:
        from: clean
        sink: { file: { path: "${vars.out}/late.jsonl", existing: own } }

    """
  static let newer = """
    name: all
    vars: { out: out }
    dead_letters: { limit: 0.5%, keep: 30d }
    stages:
      tail:
        source: { file: { path: data/new.log, follow: true } }
      input:
        source: { file: { path: "-", format: jsonl, spool: true } }
      many:
        workers: 2
        source: { file: "data/*s.csv" }
      clean:
        from: [tail, input, many]
        workers: 2
        key: '"${vars.out}"'
        on_error: drop
        attempts: 5
        deadline: 30s
        restart: { max: 3, exceeded: park }
        memory: { soft: 400MiB, hard: 512MiB }
        nice: 5
        cpus: [0, 2-3]
        files: 4096
        recycle_after: { batches: 10000, time: 1h }
        steps: [{ map: . }]
      parts:
        from: clean
        workers: 3
        key: .carrier
        order: any
        sink: { file: { path: "${vars.out}/parts.csv", rotate: { size: 64MiB, every: 1h } } }
      table:
        from: clean
        sink: { sqlite: { path: out.db, key: [carrier, flight], columns: { carrier: text, flight: integer } } }
      none:
        from: clean
        on_error: fail
        sink: discard

    """

  @Test func theDesignsExampleLoads() throws {
    let workspace = Workspace()
    workspace.environment["DB_URL"] = "sqlite:x"
    let loaded = try workspace.load(text: Self.design).get()
    #expect(loaded.warnings == [])
    let plan = loaded.plan
    #expect(plan.stages.map(\.name) == ["read", "clean", "late", "dead-letters"])
    #expect(plan.deadLetters == DeadLetterPlan(limit: .share(1_000), keep: 30 * 86_400_000_000_000))
    #expect(plan.stages[1].errors.onError == .deadLetter && plan.stages[1].restart.max == 10)
    guard case .steps(let steps) = plan.stages[1].work, case .lookup(let lookup) = steps[1] else {
      throw Unexpected()
    }
    #expect(lookup.missing == .deadLetter)
  }

  @Test(arguments: [design, newer]) func whatIsPrintedMeansTheSame(_ text: String) throws {
    let workspace = Workspace()
    workspace.environment["DB_URL"] = "sqlite:x"
    let loaded = try workspace.load(text: text).get()
    let printed = PlanExplanation.print(loaded)
    let again = try workspace.load(text: printed).get()
    #expect(again.plan.withoutPositions == loaded.plan.withoutPositions, "\(printed)")
    #expect(PlanExplanation.print(again) == printed)
    #expect(again.plan.changes(since: loaded.plan) == [])
    #expect(try Plan(canonicalJSON: loaded.plan.canonicalJSON()) == loaded.plan)
  }

  @Test func whatIsAskedForIsExplained() throws {
    let lines = PlanExplanation.explain(try Workspace().load(text: Self.newer).get())
    for line in [
      "stage tail: source data/new.log, 1 file, lines, followed",
      "stage input: source standard input, jsonl, spooled", "  key: \"${vars.out}\"",
      "  on error: drop, record by record after 5 deaths, at most 30s a batch",
      "stage parts: sink out/parts.*.csv, csv, existing: own, rotated at 64MiB or every 1h, order: any",
      "stage table: sink table table of out.db, key: carrier, flight, existing: own, order: any",
      "stage none: sink that keeps nothing, order: any", "  default order: any, as stage 'tail' never ends",
    ] {
      #expect(lines.contains(line), "\(line)")
    }
    #expect(!lines.contains { $0.contains("stage dead-letters") })
  }
}
