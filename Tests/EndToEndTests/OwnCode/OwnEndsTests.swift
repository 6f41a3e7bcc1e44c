import Glibc
import POSIXKit
import TestSupport
import Testing

extension EndToEnd {
  /// Sources and sinks that a program brings.
  @Suite struct OwnEndsTests {
    private let workspace = Workspace()

    private func start(_ pipeline: String, faults: String = "") throws -> PipelineRunner {
      workspace.write("p.yaml", pipeline)
      return try workspace.start(
        ["run", "p.yaml"], environment: faults.isEmpty ? [:] : ["PROCESSION_FAULTS": faults],
        program: Repository.stepsFixture)
    }

    private static let restart = "restart: { max: 50, within: 1m, backoff: 1ms..5ms }"

    private static let counting = """
      stages:
        read: { \(restart), source: { use: count, with: { to: 40000 } } }
        clean: { workers: 2, \(restart), steps: [ { use: over, with: { field: n, limit: 5 } } ] }
        out: { \(restart), sink: { use: ledger, with: { path: ledger } } }
      """

    private static let counted = (6...40_000).map { "{\"value\":\($0)}\n" }.joined()

    /// What the ledger holds behind the line with its position.
    private var written: String? {
      workspace.text("ledger").map { String($0[$0.index(after: $0.firstIndex(of: "\n")!)...]) }
    }

    @Test(arguments: [
      "", "read.0:after-send:2", "out.0:before-commit:1", "out.0:after-commit:1", "out.0:after-write:2",
      "read.0:after-commit:1,clean.0:before-done:1,out.0:after-commit:2",
    ])
    func `a sink that keeps its position writes each record once`(faults: String) throws {
      let result = try start(Self.counting, faults: faults).finish()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      #expect(result.errors.contains("was killed by SIGKILL") == !faults.isEmpty, "\(result.errors)")
      #expect(written == Self.counted)
      // An outside that still holds the position of that run does not make the next one skip anything.
      let again = try start(Self.counting).finish()
      #expect(again.status == 0, "\(again.errors)")
      #expect(written == Self.counted + Self.counted)
    }

    @Test func `a record that a sink refuses is a dead letter, and the rest of its batch is written`() throws
    {
      workspace.write("in.jsonl", "{\"n\":1}\n{\"refused\":true}\n{\"n\":2}\n")
      let result = try start(
        """
        stages:
          read: { source: { file: in.jsonl } }
          out: { sink: { use: ledger, with: { path: ledger } } }
        """
      ).finish()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("1 dead letter"), "\(result.errors)")
      #expect(written == "{\"n\":1}\n{\"n\":2}\n")
    }

    @Test func `an outside that does not answer for a while costs restarts and no records`() throws {
      let runner = try start(
        """
        stages:
          read: { \(Self.restart), source: { use: ticks, with: { file: late } } }
          out: { sink: { file: out.jsonl } }
        """)
      try runner.waitForErrors(containing: "no queue at late")
      mkdir(workspace["new"], 0o755)
      for number in 0..<10 { workspace.write("new/\(number)", "{\"n\":\(number)}") }
      rename(workspace["new"], workspace["late"])
      try Waiting.until("all is written") { workspace.text("out.jsonl")?.split(separator: "\n").count == 10 }
      try runner.signal(SIGTERM)
      let result = try runner.finish()
      #expect(result.status == 0, "\(result.errors)")
      #expect(workspace.text("out.jsonl") == (0..<10).map { "{\"n\":\($0)}\n" }.joined())
    }

    @Test(arguments: Seed.some(3))
    func `what a live source has taken is not lost with its worker`(seed: Seed) throws {
      var random = seed
      mkdir(workspace["queue"], 0o755)
      let runner = try start(
        """
        stages:
          read: { \(Self.restart), source: { use: ticks, with: { file: queue } } }
          out: { \(Self.restart), sink: { file: out.jsonl } }
        """)
      var number = 0
      for _ in 0..<6 {
        for _ in 0..<Int.random(in: 20...60, using: &random) {
          workspace.write("new", "{\"n\":\(number)}")
          rename(workspace["new"], workspace["queue/\(number)"])
          number += 1
        }
        let wanted = Int.random(in: 1...number, using: &random)
        try Waiting.until("\(wanted) are written") {
          (workspace.text("out.jsonl")?.split(separator: "\n").count ?? 0) >= wanted
        }
        // The queue is empty: nothing is between it and the spool, where a death would lose it.
        try Waiting.until("the queue is empty") { workspace.names("queue").isEmpty }
        for worker in workspace.processes where worker.name.hasPrefix("out") { worker.kill() }
      }
      try Waiting.until("all is written") {
        workspace.text("out.jsonl")?.split(separator: "\n").count == number
      }
      try runner.signal(SIGTERM)
      let result = try runner.finish()
      #expect(result.status == 0, "\(result.errors)")
      #expect(workspace.text("out.jsonl") == (0..<number).map { "{\"n\":\($0)}\n" }.joined(), "\(seed)")
    }
  }
}
