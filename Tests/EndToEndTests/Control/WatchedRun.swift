import Glibc
import POSIXKit
import Testing

/// A live run that other commands look at and steer: it follows `log`, which the test writes.
struct WatchedRun {
  let followed: FollowedRun

  init() throws {
    followed = try FollowedRun()
    followed.append(3)
    try followed.waitForOutput()
  }

  var workspace: Workspace { followed.workspace }
  var run: PipelineRunner { followed.run }

  /// Runs a command beside it, to its end.
  func command(_ arguments: String...) throws -> RunResult { try workspace.runBeside(arguments) }

  /// The same with `--json`, which must print one document.
  func json(_ arguments: String...) throws -> [String: Any] {
    let result = try workspace.runBeside(arguments + ["--json"])
    return try JSONText.object(result.output)
  }

  func status() throws -> [String: Any] { try json("status", "p.yaml") }

  /// The socket at which it listens.
  func socket() throws -> String {
    for name in try namesInFolder(workspace.runtime) { return "\(workspace.runtime)/\(name)/control" }
    throw Missing()
  }

  struct Missing: Error {}
}
