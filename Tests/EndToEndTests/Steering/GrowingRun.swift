import Glibc
import TestSupport
import Testing

/// A pipeline that follows a file which the test appends to: it lasts as long as the test wants.
final class GrowingRun {
  private static let portion = 5_000
  private var records = 0

  func start(in workspace: Workspace) throws -> PipelineRunner {
    workspace.write("in.jsonl", "")
    workspace.write(
      "p.yaml",
      """
      stages:
        read: { source: { file: { path: in.jsonl, follow: true } } }
        work: { workers: 2, steps: [ { map: "{ n: (.n + 2), c: ([range(300)] | length) }" } ] }
        write: { sink: { file: out.jsonl } }
      """)
    let run = try workspace.start(["run", "p.yaml"])
    append(in: workspace)
    try Waiting.until("an output that has begun") {
      !run.isRunning || (workspace.read("out.jsonl") ?? []).count > 0
    }
    try #require(run.isRunning, "\(run.errors)")
    return run
  }

  /// Work for some tenths of a second.
  func append(in workspace: Workspace) {
    var text = ""
    for number in records..<records + Self.portion { text += "{\"n\":\(number)}\n" }
    records += Self.portion
    let file = open(workspace["in.jsonl"], O_WRONLY | O_APPEND)
    defer { close(file) }
    let bytes = Array(text.utf8)
    #expect(write(file, bytes, bytes.count) == bytes.count)
  }

  /// Waits for all of it, and stops the run.
  func expectComplete(_ run: PipelineRunner, in workspace: Workspace) throws {
    let expected = (0..<records).map { "{\"n\":\($0 + 2),\"c\":300}\n" }.joined()
    try Waiting.until("all of the output", within: .seconds(60)) {
      !run.isRunning || (workspace.read("out.jsonl") ?? []).count >= expected.utf8.count
    }
    let stopped = try workspace.runBeside(["stop"])
    #expect(stopped.status == 0, "\(stopped.errors)")
    #expect(try run.finish().status == 0, "\(run.errors)")
    expectSameBytes(workspace.read("out.jsonl"), Array(expected.utf8), run.errors)
  }
}
