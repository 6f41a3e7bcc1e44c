import Control
import Coordination
import Delivery
import Glibc
import Multiprocessing
import POSIXKit
import PipelineFile
import Stages
import Supervisor
import Worker

/// One run of a plan, or of a replay of its dead letters, from the locked state to the exit status.
///
/// Everything before the supervisor's loop happens in this process and starts no thread: the forks that
/// follow rely on it.
struct PipelineRun {
  enum Purpose {
    /// `fresh` forgets what an unfinished run left, and begins anew.
    case run(fresh: Bool)
    /// Puts these dead letters back in, or goes on with doing so.
    case replay(ReplaySelection?)
  }

  let plan: Plan
  let stateFolder: String
  let purpose: Purpose
  /// Whether dead letters have an exit status of their own.
  var strict = false
  private(set) var style: ProgressSetup.Style
  private(set) var json: Bool
  var logging = LogSettings()
  /// Memory to share with the workers, for whoever watches from outside; nil: the run's own.
  var sharedMemory: Int32?
  /// Where a detached run tells of its start.
  private(set) var verdict: DetachedVerdict?

  init(
    plan: Plan, stateFolder: String, purpose: Purpose, strict: Bool = false, style: ProgressSetup.Style,
    json: Bool, logging: LogSettings = LogSettings(), sharedMemory: Int32? = nil
  ) {
    self.plan = plan
    self.stateFolder = stateFolder
    self.purpose = purpose
    self.strict = strict
    self.style = style
    self.json = json
    self.logging = logging
    self.sharedMemory = sharedMemory
  }

  /// The run's standard streams are gone: it logs to a file.
  mutating func detach(_ verdict: DetachedVerdict) {
    self.verdict = verdict
    style = .quiet
    json = false
  }

  /// The log of a detached run.
  var logFile: String { "\(stateFolder)/log" }

  /// Returns the exit status; does not return where a second signal ended the run.
  func run() throws -> Int32 {
    // Before any worker is started: none of them may speak for the run.
    let service = ServiceNotifier.takeFromEnvironment()
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    do {
      // A stop that comes before the supervisor's loop is heeded by it: nothing is left half set up.
      try SignalDescriptor.hold(
        [SIGINT, SIGTERM] + (SignalDescriptor.isIgnored(SIGHUP) ? [] : [SIGHUP]))
      let outcome = try supervise(service)
      // Only now, with nothing left to tidy up: this does not return.
      if case .forced(let number) = outcome.how {
        verdict?.ended(outcome.status)
        try? SignalDescriptor.restoreDefault(number)
        kill(getpid(), number)
      }
      verdict?.ended(outcome.status)
      return outcome.status
    } catch let error as RunStateError {
      switch error {
      case .inUse: return try refuse("error: \(error)", ExitStatusTable.inUse)
      case .changed, .replayUnfinished, .notReplayable:
        return try refuse("error: \(error)", ExitStatusTable.usage)
      case .failed: return try refuse("error: \(error)", ExitStatusTable.failed)
      }
    } catch let error as StageFailure {
      return try refuse(error.description, ExitStatusTable.usage)
    } catch {
      return try refuse("error: \(error)", ExitStatusTable.failed)
    }
  }

  private func say(_ level: LogRecord.Level, _ text: String) {
    logging.say(level, text, pipeline: plan.name)
  }

  /// Tells why nothing was started.
  private func refuse(_ text: String, _ status: Int32) throws -> Int32 {
    say(.error, text)
    verdict?.refused(text, status)
    if json { try Terminal.printJSONLine(RunSummary.Document(refused: plan.name, error: text)) }
    return status
  }

  /// The run itself; when it returns, nothing of it is left but what it wrote.
  private func supervise(_ service: ServiceNotifier?) throws -> (how: Outcome, status: Int32) {
    let state = try RunState.open(stateFolder)
    defer { state.removeSockets() }
    switch purpose {
    case .run(let fresh):
      return try supervise(state, state.prepare(plan, fresh: fresh, standardOutput: 1), service)
    case .replay(let selection): return try replay(state, selection, service)
    }
  }

  private func supervise(
    _ state: borrowing RunState, _ prepared: PreparedRun, _ service: ServiceNotifier?
  ) throws -> (how: Outcome, status: Int32) {
    try Supervision(
      plan: prepared.plan, strict: strict, style: style, json: json, logging: logging,
      sharedMemory: sharedMemory, service: service, verdict: verdict
    ).run(state, prepared)
  }

  private func replay(
    _ state: borrowing RunState, _ selection: ReplaySelection?, _ service: ServiceNotifier?
  ) throws -> (how: Outcome, status: Int32) {
    switch try state.prepareReplay(plan, selection, standardOutput: 1) {
    case .nothing:
      say(.notice, "no dead letters to put back in")
      if json { try Terminal.printJSONLine(ReplayDocument(plan, nil)) }
      return (.complete, ExitStatusTable.complete)
    case .concluded(let replay):
      say(.notice, "the replay of \(WallClock.text(replay.beganAt)) had done its work already")
      try tell(replay)
      return (.complete, ExitStatusTable.complete)
    case .run(let prepared, let letters):
      if !prepared.isResumed {
        say(.notice, "putting \(RunSummary.count(letters, "dead letter")) back in")
      }
      let end = try supervise(state, prepared, service)
      if end.how == .complete { try tell(state.concludeReplay()) }
      return end
    }
  }

  private func tell(_ replay: ConcludedReplay) throws {
    let again =
      replay.deadAgain == 0
      ? ""
      : "; \(replay.deadAgain) of their records fell out again: '\(ProgramName.current) dead-letters list \(plan.file)'"
    say(.notice, "\(RunSummary.count(replay.letters, "dead letter")) put back in\(again)")
    if json { try Terminal.printJSONLine(ReplayDocument(plan, replay)) }
  }
}
