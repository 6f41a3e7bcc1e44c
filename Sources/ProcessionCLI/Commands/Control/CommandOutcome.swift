import ArgumentParser
import Control
import POSIXKit
import Supervisor

/// Has a live run carry out a command, waits for its end where that is wanted, and says what came of it.
struct CommandOutcome {
  /// `procession.command/1`: what a command that steers a run prints with `--json`.
  struct Document: Encodable {
    let schema = "procession.command/1"
    let pipeline, command: String
    let accepted: Bool
    /// Whether all that it began has come to its end; nil where nobody waited.
    let settled: Bool?
    let text: String
    let elapsed_seconds: Double
  }

  /// As the user wrote it.
  let name: String
  let options: SteeringOptions

  func carryOut(_ command: ControlCommand, on run: inout LiveRun) throws {
    let started = MonotonicClock.now()
    func document(accepted: Bool, settled: Bool?, _ text: String) throws {
      if !options.json { return }
      try Terminal.printJSON(
        Document(
          pipeline: run.status.pipeline, command: name, accepted: accepted, settled: settled, text: text,
          elapsed_seconds: Double(MonotonicClock.now() - started) / 1e9))
    }
    let pipeline = run.status.pipeline
    switch try run.ask(.command(command, waits: options.waits)) {
    case .accepted(let text):
      Terminal.printError("\(pipeline): \(text)")
      guard options.waits else { return try document(accepted: true, settled: nil, text) }
      let deadline = MonotonicClock.deadline(after: .nanoseconds(Int64(clamping: options.patience)))
      switch try run.receive(until: deadline) {
      case .settled:
        let seconds = Figure.fixed(Double(MonotonicClock.now() - started) / 1e9, 1)
        Terminal.printError("\(pipeline): done in \(seconds) s")
        try document(accepted: true, settled: true, text)
      case .end(let end):
        try document(accepted: true, settled: false, "the run ended first: \(end.outcome)")
        throw LiveRun.failure("the run ended first: \(end.text)")
      case nil:
        let late = "it has not come to its end within \(options.timeout ?? SteeringOptions.standard)"
        try document(accepted: true, settled: false, late)
        throw LiveRun.failure(
          "\(late); it goes on, and '\(ProgramName.current) status \(pipeline)' tells how far it is")
      case let other?: throw Self.unexpected(other)
      }
    case .refused(let text):
      try document(accepted: false, settled: nil, text)
      throw LiveRun.failure(text)
    case .end(let end):
      try document(accepted: false, settled: nil, "the run has ended: \(end.outcome)")
      throw LiveRun.failure("the run has ended: \(end.text)")
    case let other: throw Self.unexpected(other)
    }
  }

  static func unexpected(_ reply: ControlReply) -> ExitCode {
    if case .error(let text) = reply { return LiveRun.failure(text) }
    return LiveRun.failure("the run gave an answer that does not belong here: \(reply)")
  }
}
