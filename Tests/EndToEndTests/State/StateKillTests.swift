import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// Runs with stages that keep state, killed at random moments.
  @Suite struct StateKillTests {
    @Test(arguments: ["running", "totals", "everything", "distinct"], Seed.some(2))
    func randomDeathsChangeNothing(mode: String, seed: Seed) throws {
      var seed = seed
      let workspace = Workspace()
      var run = StateRun(mode: mode)
      run.rows = StateRun.rows(200_000, keys: 2_000, seed: seed.value)
      workspace.write("in.jsonl", StateRun.text(run.rows))
      let runner = try run.start(in: workspace)
      var kills: [String] = []
      while runner.isRunning, kills.count < 30 {
        try Waiting.pause(.milliseconds(Int.random(in: 2...25, using: &seed)))
        guard let victim = runner.workers.randomElement(using: &seed) else { continue }
        victim.kill()
        kills.append(victim.name)
      }
      let result = try runner.finish()
      let story = "\(seed.testDescription) \(mode), killed \(kills)"
      #expect(kills.count > 3, "\(story)\n\(result.errors)")
      expectComplete(result, workspace.read("out.jsonl"), run.expected, story)
    }

    /// The supervisor is killed again and again, and the same command goes on each time.
    @Test(arguments: Seed.some(2)) func aKilledSupervisorsRunGoesOn(seed: Seed) throws {
      var seed = seed
      let workspace = Workspace()
      var run = StateRun()
      run.rows = StateRun.rows(100_000, keys: 1_000, seed: seed.value)
      workspace.write("in.jsonl", StateRun.text(run.rows))
      for _ in 0..<6 {
        let runner = try run.start(in: workspace)
        try Waiting.pause(.milliseconds(Int.random(in: 20...200, using: &seed)))
        try? runner.signal(SIGKILL)
        _ = try runner.wait()
        try Waiting.until("the end of \(workspace.processes)") { workspace.processes.isEmpty }
      }
      let result = try run.start(in: workspace).finish()
      expectComplete(result, workspace.read("out.jsonl"), run.expected, seed.testDescription)
    }

    struct Shape: CustomTestStringConvertible, Sendable {
      let testDescription: String
      let stages: String
    }

    static let shapes = [
      Shape(
        testDescription: "one worker",
        stages: """
            read: { P, source: { file: a.jsonl } }
            count: { P, steps: [ { use: everything } ] }
            write: { P, sink: { file: out.jsonl } }
          """),
      Shape(
        testDescription: "three workers by key",
        stages: """
            read: { P, source: { file: a.jsonl } }
            count: { P, workers: 3, key: .k, steps: [ { use: everything } ] }
            write: { P, sink: { file: out.jsonl } }
          """),
      Shape(
        testDescription: "a second stage with state behind the first",
        stages: """
            read: { P, source: { file: a.jsonl } }
            first: { P, workers: 2, key: .k, steps: [ { use: totals } ] }
            middle: { P, workers: 2, steps: [ { map: "{ k: (.count % 7), n: .total }" } ] }
            second: { P, steps: [ { use: totals } ] }
            write: { P, sink: { file: out.jsonl } }
          """),
      Shape(
        testDescription: "a chain of stages with state, in order",
        stages: """
            read: { P, source: { file: a.jsonl } }
            first: { P, steps: [ { use: running } ] }
            middle: { P, workers: 2, steps: [ { map: "{ k: (.count % 7), n }" } ] }
            second: { P, steps: [ { use: everything } ] }
            write: { P, sink: { file: { path: out.csv, csv: { columns: [k, n, count, total] } } } }
          """),
      Shape(
        testDescription: "two sources that meet in a stage with state",
        stages: """
            a: { P, source: { file: a.jsonl } }
            b: { P, source: { file: b.jsonl } }
            up: { P, from: b, workers: 2, steps: [ { map: "{ k, n: (.n + 1) }" } ] }
            count: { P, from: [a, up], steps: [ { use: running } ] }
            write: { P, from: count, sink: { file: out.jsonl } }
          """),
      Shape(
        testDescription: "side by side with what keeps none, into one table",
        stages: """
            read: { P, source: { file: a.jsonl } }
            count: { P, from: read, steps: [ { use: totals } ] }
            plain: { P, from: read, steps: [ { filter: ".n % 9 == 0" } ] }
            both: { P, from: [count, plain], sink: { sqlite: { path: out.sqlite, table: t, columns: { k: text, n: integer, total: integer, count: integer } } } }
            lines: { P, from: count, workers: 2, key: .k, sink: { file: lines.jsonl } }
          """),
      Shape(
        testDescription: "letters",
        stages: """
            read: { P, source: { file: bad.jsonl } }
            count: { P, workers: 2, key: .k, steps: [ { use: running } ] }
            middle: { P, workers: 2, steps: [ { map: 'if .n % 500 == 3 then error("no") else . end' } ] }
            again: { P, steps: [ { use: everything } ] }
            write: { P, sink: { file: out.jsonl } }
          """),
    ]

    @Test(arguments: shapes) func chaosChangesNothing(shape: Shape) throws {
      let workspace = Workspace()
      workspace.write("a.jsonl", StateRun.text(StateRun.rows(60_000, keys: 2_000)))
      workspace.write("b.jsonl", StateRun.text(StateRun.rows(30_000, keys: 3_000, seed: 2)))
      var bad = StateRun.rows(60_000, keys: 400, seed: 3)
      for index in stride(from: 5, to: bad.count, by: 997) { bad[index].more = ",\"bad\":1" }
      workspace.write("bad.jsonl", StateRun.text(bad))
      mkdir(workspace["tmp"], 0o700)
      let stages = shape.stages.replacing("P,", with: "\(StateRun.patient),")
      workspace.write("p.yaml", "dead_letters: { limit: none }\nstages:\n\(stages)\n")
      let result = try workspace.start(
        ["chaos", "p.yaml", "--kills", "40", "--seed", "5"], environment: ["TMPDIR": workspace["tmp"]],
        program: StateRun.program
      ).finish(within: .seconds(100))
      #expect(result.status == 0, "\(result.errors)")
      #expect(
        result.errors.contains("0 differences: every output is that of the undisturbed run"),
        "\(result.errors)")
    }
  }
}
