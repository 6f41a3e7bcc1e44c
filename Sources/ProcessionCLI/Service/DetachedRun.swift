import ArgumentParser
import POSIXKit
import PipelineFile

/// A run that leaves its terminal: a copy of this process becomes its supervisor, and the original waits until
/// that is ready or has ended.
enum DetachedRun {
  enum Side {
    /// The run itself.
    case copy(DetachedVerdict)
    case original(DetachedStart)
  }

  /// Ends the command where the plan needs the standard streams that a detached run has not.
  static func check(_ plan: Plan) throws {
    for stage in plan.stages {
      if Supervision.readsStandardInput(stage) {
        throw refuse("stage \(stage.name) reads standard input, which a detached run has not")
      }
      if case .sink(let sink) = stage.work, sink.target == .standardOutput {
        throw refuse("stage \(stage.name) writes standard output, which a detached run has not")
      }
    }
  }

  private static func refuse(_ text: String) -> ExitCode {
    Terminal.printError("error: \(text); name a file, or run it without --detach")
    return ExitCode(ExitStatusTable.usage)
  }

  /// Returns on both sides. Before anything is open that the copy should not share.
  static func fork() throws -> Side {
    var pipe = try Pipe()
    let writing = pipe.takeWriteEnd()
    if let pid = try DetachedProcess.fork(keeping: writing.raw) {
      return .original(DetachedStart(pid: pid, verdict: pipe.takeReadEnd()))
    }
    // Closed already, and its number may be another's soon.
    _ = pipe.takeReadEnd().release()
    return .copy(DetachedVerdict(writing))
  }
}
