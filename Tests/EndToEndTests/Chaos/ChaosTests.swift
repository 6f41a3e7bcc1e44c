import Glibc
import Testing

extension EndToEnd {
  /// `procession chaos` on pipelines of every kind: not one byte may differ.
  @Suite struct ChaosTests {
    struct Case: CustomTestStringConvertible, Sendable {
      let testDescription: String
      let stages: String
      var top = ""

      init(_ what: String, _ stages: String, top: String = "") {
        testDescription = what
        self.stages = stages
        self.top = top
      }
    }

    static let patient = "restart: { max: 1000, within: 1m, backoff: 1ms..5ms }"

    static let cases = [
      Case(
        "letters of every stage",
        """
          read: { \(patient), source: { file: lines.jsonl } }
          work: { \(patient), workers: 2, steps: [ { map: "if .number % 50 == 0 then error(\\"no\\") else . end" } ] }
          write: { \(patient), sink: { file: { path: out.csv, csv: { columns: [number, text] } } } }
        """, top: "dead_letters: { limit: none }"),
      Case(
        "fan-in",
        """
          flights: { \(patient), source: { file: { path: many.csv, csv: { nulls: [NA] } } } }
          lines: { \(patient), source: { file: lines.jsonl } }
          clean: { \(patient), from: flights, workers: 2, steps: [ { map: "{ flight, origin }" } ] }
          write: { \(patient), from: [clean, lines], sink: { file: out.jsonl } }
        """),
      Case(
        "diamond",
        """
          read: { \(patient), source: { file: { path: many.csv, csv: { nulls: [NA] } } } }
          kennedy: { \(patient), from: read, steps: [ { filter: .origin == "JFK" } ] }
          others: { \(patient), from: read, workers: 2, start_method: spawn, steps: [ { filter: .origin != "JFK" } ] }
          write: { \(patient), from: [kennedy, others], sink: { file: out.jsonl } }
        """),
      Case(
        "spread and keyed sinks",
        """
          read: { \(patient), source: { file: { path: many.csv, csv: { nulls: [NA] } } } }
          spread: { \(patient), from: read, workers: 2, sink: { file: spread.jsonl } }
          keyed: { \(patient), from: read, workers: 3, key: .carrier, sink: { file: keyed.csv } }
        """),
      Case(
        "parts",
        """
          read: { \(patient), source: { file: { path: many.csv, csv: { nulls: [NA] } } } }
          work: { \(patient), workers: 2, steps: [ { map: "{ flight, dest }" } ] }
          write: { \(patient), sink: { file: { path: out.jsonl, rotate: { size: 100KiB } } } }
        """),
    ]

    /// A workspace with the inputs of all of them.
    private func workspace(times: Int = 8) -> Workspace {
      let workspace = Workspace()
      _ = ManyFlights(times: times).write(to: workspace)
      var text = ""
      for number in 0..<30_000 { text += "{\"number\":\(number),\"text\":\"as long as a line may be\"}\n" }
      workspace.write("lines.jsonl", text)
      mkdir(workspace["tmp"], 0o700)
      return workspace
    }

    private func chaos(_ arguments: [String], in workspace: Workspace) throws -> RunResult {
      try workspace.start(
        ["chaos"] + arguments,
        environment: ["TMPDIR": workspace["tmp"], "OUT": workspace["out.jsonl"]]
      ).finish(within: .seconds(100))
    }

    private func expectSame(_ result: RunResult, in workspace: Workspace) {
      #expect(result.status == 0, "\(result.errors)")
      #expect(
        result.errors.contains("0 differences: every output is that of the undisturbed run"),
        "\(result.errors)")
      #expect(workspace.names("tmp") == [], "the scratch folder is left")
      #expect(workspace.read("out.jsonl") == nil, "the real sink was written")
    }

    @Test(arguments: Seed.some(2)) func killsOfAllKindsChangeNothing(seed: Seed) throws {
      let workspace = workspace(times: 10)
      let result = try workspace.start(
        ["chaos", Repository.pipeline("flights"), "--kills", "40", "--seed", "\(seed.value)"],
        environment: [
          "TMPDIR": workspace["tmp"], "OUT": workspace["out.jsonl"], "FLIGHTS": workspace["many.csv"],
        ]
      ).finish(within: .seconds(100))
      expectSame(result, in: workspace)
      #expect(result.errors.contains("40 kills in "), "\(result.errors)")
      #expect(result.errors.contains("seed \(seed.value): worker "), "\(result.errors)")
    }

    @Test(arguments: cases) func everyShapeHolds(shape: Case) throws {
      let workspace = workspace()
      workspace.write("p.yaml", "\(shape.top)\nstages:\n\(shape.stages)\n")
      let result = try chaos(["p.yaml", "--kills", "20", "--seed", "11"], in: workspace)
      expectSame(result, in: workspace)
    }

    @Test(arguments: ["worker", "source", "sink", "supervisor", "everything"])
    func oneKindAloneIsKilled(kind: String) throws {
      let workspace = workspace(times: 4)
      workspace.write("p.yaml", "stages:\n\(Self.cases[1].stages)\n")
      let result = try chaos(["p.yaml", "--kills", "5", "--kill", kind, "--seed", "3"], in: workspace)
      expectSame(result, in: workspace)
      #expect(result.errors.contains("seed 3: \(kind) 5\n"), "\(result.errors)")
    }

    @Test func aSeedIsPrintedAndGivesTheSameVictims() throws {
      let workspace = workspace(times: 4)
      workspace.write("p.yaml", "stages:\n\(Self.cases[1].stages)\n")
      func victims(_ more: String...) throws -> (seed: String, victims: [String]) {
        let result = try chaos(["p.yaml", "--kills", "6", "--json"] + more, in: workspace)
        #expect(result.status == 0, "\(result.errors)")
        let lines = try result.output.split(separator: 0x0A).map { try JSONText.object($0) }
        let last = try #require(lines.last)
        #expect(last["schema"] as? String == "procession.chaos/1")
        #expect(last["same"] as? Bool == true)
        #expect(lines.dropLast().allSatisfy { $0["schema"] as? String == "procession.chaos-kill/1" })
        let seed = try #require(last["seed"] as? Int)
        #expect(result.errors.contains("seed \(seed)"), "\(result.errors)")
        return ("\(seed)", lines.dropLast().compactMap { $0["victim"] as? String })
      }
      let first = try victims()
      let second = try victims("--seed", first.seed)
      #expect(first.victims.count == 6 && first == second)
    }

    /// A pipeline whose output depends on the time differs from run to run, and must be found out.
    @Test func aRealDifferenceIsFound() throws {
      let workspace = workspace(times: 1)
      workspace.write(
        "p.yaml",
        """
        stages:
          read: { source: { file: lines.jsonl } }
          work: { steps: [ { map: "{ number, time: now }" } ] }
          write: { sink: { file: out.jsonl } }
        """)
      let result = try chaos(["p.yaml", "--kills", "1", "--seed", "5"], in: workspace)
      #expect(result.status == 1, "\(result.errors)")
      #expect(result.errors.contains("write: out.jsonl has "), "\(result.errors)")
      #expect(result.errors.contains("and differs from line 1 on"), "\(result.errors)")
      #expect(result.errors.hasSuffix("FAILED\n"), "\(result.errors)")
    }

    @Test func standardInputIsRefused() throws {
      let workspace = workspace(times: 1)
      workspace.write(
        "p.yaml",
        "stages:\n  read: { source: { file: { path: \"-\", format: csv } } }\n  write: { sink: stdout }\n")
      let result = try chaos(["p.yaml"], in: workspace)
      #expect(result.status == 2)
      #expect(result.errors.contains("stage read reads standard input"), "\(result.errors)")
      #expect(workspace.names("tmp") == [])
    }

    @Test func `rounds that are shorter than the time between two kills come to an end`() throws {
      let workspace = Workspace()
      workspace.write("in.jsonl", "{\"n\":1}\n")
      workspace.write(
        "p.yaml",
        """
        stages:
          read: { source: { file: in.jsonl } }
          write: { sink: { file: out.jsonl } }
        """)
      let result = try workspace.run(["chaos", "p.yaml", "--kills", "2", "--rate", "2", "--seed", "7"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("0 differences"), "\(result.errors)")
    }
  }
}
