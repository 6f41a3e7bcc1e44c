import Glibc
import POSIXKit
import TestSupport
import Testing

/// A pipeline that follows `input` in the background, and what its start said.
final class DetachedRun {
  static let pipeline = """
    name: p
    stages:
      read: { source: { file: { path: input, format: lines, follow: true } } }
      keep:
        start_method: spawn
        restart: { max: 1000, within: 1m, backoff: 1ms..5ms }
        steps: [ { filter: "true" } ]
      write: { sink: { file: { path: out, format: lines } } }
    """
  static let log = ".procession/p/log"

  let workspace: Workspace
  let start: RunResult
  let pid: Int32

  init(
    _ options: [String] = [], environment: [String: String] = [:], in workspace: Workspace = Workspace()
  ) throws {
    self.workspace = workspace
    workspace.write("p.yaml", Self.pipeline)
    if workspace.read("input") == nil { workspace.write("input", "one\n") }
    start = try workspace.start(["run", "p.yaml", "--detach"] + options, environment: environment).wait()
    try #require(start.status == 0, "\(start.errors)")
    pid = try #require(workspace.processes.first { $0.name == "procession" }?.pid)
  }

  var logText: String { workspace.text(Self.log) ?? "" }

  func waitForLog(_ text: String) throws {
    try Waiting.until("'\(text)' in:\n\(logText)") { logText.contains(text) }
  }

  /// Sends SIGTERM and waits until nothing of the run is left.
  func stop() throws {
    kill(pid, SIGTERM)
    try Waiting.until("the end of the run:\n\(logText)") { workspace.processes.isEmpty }
    workspace.expectNothingLeft()
  }
}
