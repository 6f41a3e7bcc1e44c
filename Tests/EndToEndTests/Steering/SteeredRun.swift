import Glibc
import TestSupport
import Testing

/// A pipeline that lasts long enough to be steered: libjq has much to do for every record, and there is more
/// input than may be in flight.
struct SteeredRun {
  var records = 80_000
  /// More keys of the stage that works, such as `recycle_after: 10s, `.
  var keys = ""
  /// Of the pipeline.
  var top = ""
  var workers = 2

  func start(in workspace: Workspace) throws -> PipelineRunner {
    var text = ""
    let padding = String(repeating: "x", count: 200)
    for number in 0..<records { text += "{\"n\":\(number),\"p\":\"\(padding)\"}\n" }
    workspace.write("in.jsonl", text)
    workspace.write(
      "p.yaml",
      """
      \(top)
      stages:
        read: { source: { file: in.jsonl } }
        work:
          { workers: \(workers), \(keys)steps: [ { map: "{ n: (.n + 2), c: ([range(300)] | length) }" } ] }
        write: { sink: { file: out.jsonl } }
      """)
    return try workspace.start(["run", "p.yaml"])
  }

  /// Starts it and waits until it has written something.
  func startWriting(in workspace: Workspace) throws -> PipelineRunner {
    let run = try start(in: workspace)
    try Waiting.until("an output that has begun") {
      !run.isRunning || (workspace.read("out.jsonl") ?? []).count > 0
    }
    try #require(run.isRunning, "\(run.errors)")
    return run
  }

  /// The whole output, whatever was done to it.
  func expectComplete(
    _ result: RunResult, in workspace: Workspace, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(result.status == 0, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(
      result.errors.contains("every stage balances"), "\(result.errors)", sourceLocation: sourceLocation)
    let expected = (0..<records).map { "{\"n\":\($0 + 2),\"c\":300}\n" }.joined()
    expectSameBytes(
      workspace.read("out.jsonl"), Array(expected.utf8), result.errors, sourceLocation: sourceLocation)
  }
}
