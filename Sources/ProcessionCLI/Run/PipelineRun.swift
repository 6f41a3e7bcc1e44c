import Coordination
import Delivery
import Glibc
import Multiprocessing
import POSIXKit
import PipelineFile
import Stages
import Supervisor
import Worker

/// One run of a plan, from the locked state to the exit status.
///
/// Everything before the supervisor's loop happens in this process and starts no thread: the forks that
/// follow rely on it.
struct PipelineRun {
  let plan: Plan
  let stateFolder: String
  /// Forgets what an unfinished run left, and begins anew.
  let fresh: Bool
  let style: ProgressSetup.Style
  let json: Bool
  /// Memory to share with the workers, for whoever watches from outside; nil: the run's own.
  var sharedMemory: Int32?

  /// Returns the exit status; does not return where a second signal ended the run.
  func run() throws -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    do {
      let outcome = try supervise()
      // Only now, with nothing left to tidy up: this does not return.
      if case .forced(let number) = outcome.how {
        try? SignalDescriptor.restoreDefault(number)
        kill(getpid(), number)
      }
      return outcome.status
    } catch let error as RunStateError {
      try refuse("error: \(error)")
      switch error {
      case .inUse: return ExitStatusTable.inUse
      case .changed: return ExitStatusTable.usage
      case .failed: return ExitStatusTable.failed
      }
    } catch let error as StageFailure {
      try refuse(error.description)
      return ExitStatusTable.usage
    } catch {
      try refuse("error: \(error)")
      return ExitStatusTable.failed
    }
  }

  /// Tells why nothing was started.
  private func refuse(_ text: String) throws {
    Terminal.printError(text)
    if json { try Terminal.printJSONLine(RunSummary.Document(refused: plan.name, error: text)) }
  }

  /// The run itself; when it returns, nothing of it is left but what it wrote.
  private func supervise() throws -> (how: Outcome, status: Int32) {
    let state = try RunState.open(stateFolder)
    defer { state.removeSockets() }
    let prepared = try state.prepare(plan, fresh: fresh, standardOutput: 1)
    return try Supervision(plan: prepared.plan, style: style, json: json, sharedMemory: sharedMemory).run(state, prepared)
  }
}
