import Glibc
import POSIXKit
import TestSupport
import Testing

/// A pipeline that follows `log`, with the test as the log's writer.
final class FollowedRun {
  let workspace = Workspace()
  private(set) var run: PipelineRunner
  /// All whole lines that were ever appended.
  private(set) var expected: [UInt8] = []
  private var count = 0

  static let pipeline = """
    stages:
      read:
        restart: { max: 1000, within: 1m, backoff: 1ms..5ms }
        source: { file: { path: log, format: lines, follow: true } }
      keep:
        restart: { max: 1000, within: 1m, backoff: 1ms..5ms }
        workers: 2
        steps: [ { filter: "true" } ]
      write:
        restart: { max: 1000, within: 1m, backoff: 1ms..5ms }
        sink: { file: { path: out, format: lines } }
    """

  init(faults: String = "") throws {
    workspace.write("p.yaml", Self.pipeline)
    run = try workspace.start(
      ["run", "p.yaml"], environment: faults.isEmpty ? [:] : ["PROCESSION_FAULTS": faults])
  }

  /// Appends lines, each another; the last one in two writes.
  func append(_ lines: Int, to name: String = "log") {
    for _ in 0..<lines {
      count += 1
      let line = Array("line \(count) of the log\n".utf8)
      let file = open(workspace[name], O_WRONLY | O_APPEND | O_CREAT, 0o644)
      for part in [line[..<7], line[7...]] { _ = write(file, Array(part), part.count) }
      close(file)
      expected += line
    }
  }

  func waitForOutput(_ story: @autoclosure () -> String = "") throws {
    try Waiting.until("the output; \(story())\n\(run.errors)") {
      try #require(run.isRunning, "it ended:\n\(run.errors)")
      return (workspace.read("out") ?? []).count >= expected.count
    }
    expectSameBytes(workspace.read("out"), expected, story() + "\n" + run.errors)
  }

  func kill(_ name: String) -> Bool {
    guard let victim = run.workers.first(where: { $0.name == name }) else { return false }
    victim.kill()
    return true
  }

  /// Kills everything and starts it again.
  func restart() throws {
    try run.signal(SIGKILL)
    _ = try run.wait()
    try start()
  }

  func start() throws { run = try workspace.start(["run", "p.yaml"]) }

  /// Stops it in an orderly way.
  func drain() throws -> RunResult {
    try run.signal(SIGTERM)
    return try run.finish()
  }

  func rotate(number: Int) { rename(workspace["log"], workspace["log.\(number)"]) }
}
