import ArgumentParser
import Control
import POSIXKit
import PipelineFile

/// `procession stop`: ends a run.
struct StopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "End a live run: finish what is in flight, then stop.",
    discussion: """
      Reading stops, what is in flight is finished, and the run ends, like after SIGTERM; the same 'procession \
      run' goes on from there. Waits for the end, shows meanwhile what is in flight, and then what the run said. \
      The status is 0 when the run ended as asked, 1 when it failed or can't be stopped.

        \(ProgramName.current) stop
        \(ProgramName.current) stop flights --timeout 30s    end it at once if that is not enough
        \(ProgramName.current) stop flights --now            end it at once
      """)

  @OptionGroup var argument: RunArgument

  @Option(
    name: .long, help: "End it at once if what is in flight is not finished after so long, such as 30s.")
  var timeout: String?

  @Flag(name: .long, help: "End it at once; the next run does again what was in flight.")
  var now = false

  @Flag(name: .long, help: "Do not wait for the end.")
  var noWait = false

  @Flag(name: .long, help: "Print JSON to standard output.")
  var json = false

  func validate() throws {
    if now && timeout != nil { throw ValidationError("--now and --timeout exclude each other") }
    try SteeringOptions.check(timeout)
  }

  /// `procession.stop/1`
  struct Document: Encodable {
    let schema = "procession.stop/1"
    let pipeline: String
    /// Nil where nobody waited for it.
    let outcome: String?
    let exit_status: Int32?
    let text: String
    let elapsed_seconds: Double
  }

  func run() throws {
    var run = try LiveRun.find(argument.pipeline)
    let started = MonotonicClock.now()
    // Asked before, so that no end is missed.
    if !noWait { try run.send(.end) }
    switch try run.ask(.command(command, waits: false)) {
    case .accepted(let text):
      Terminal.printError("\(run.status.pipeline): \(text)")
      if noWait { return try tell(run.status, nil, text, since: started) }
      try finish(run.status, Self.waitForEnd(&run), since: started)
    case .refused(let text): throw LiveRun.failure(text)
    // It was over before the order came.
    case .end(let end): try finish(run.status, end, since: started)
    case let other: throw CommandOutcome.unexpected(other)
    }
  }

  private var command: ControlCommand {
    if now { return .stopNow }
    let nanoseconds = timeout.flatMap { try? DurationText.parsePositive($0) }
    return .drain(timeout_seconds: nanoseconds.map { Double($0) / 1e9 })
  }

  /// As long as the run lives and answers, once a second.
  private static func waitForEnd(_ run: inout LiveRun) throws -> RunEnd {
    var said = ""
    while true {
      switch try run.receive(until: MonotonicClock.deadline(after: .seconds(1))) {
      case .end(let end): return end
      case nil:
        switch try run.ask(.status) {
        case .status(let status):
          let text = inFlight(status)
          if text != said { Terminal.printError("\(status.pipeline): \(text)") }
          said = text
        case .end(let end): return end
        case let other: throw CommandOutcome.unexpected(other)
        }
      case let other?: throw CommandOutcome.unexpected(other)
      }
    }
  }

  private static func inFlight(_ status: RunStatus) -> String {
    let words = StatusText.inFlight(status.in_flight)
    return status.state == .ending ? "ending; \(words)" : words
  }

  private func finish(_ status: RunStatus, _ end: RunEnd, since started: UInt64) throws {
    if !end.text.isEmpty { Terminal.printError(end.text) }
    try tell(status, end, end.text, since: started)
    let asAsked =
      switch end.outcome {
      case "failed": false
      // By this order, or by somebody with less patience.
      case "forced": now || timeout != nil
      default: true
      }
    if !asAsked {
      throw LiveRun.failure("the run \(end.outcome == "forced" ? "was ended at once" : "failed")")
    }
  }

  private func tell(_ status: RunStatus, _ end: RunEnd?, _ text: String, since started: UInt64) throws {
    if !json { return }
    try Terminal.printJSON(
      Document(
        pipeline: status.pipeline, outcome: end?.outcome, exit_status: end?.exit_status, text: text,
        elapsed_seconds: Double(MonotonicClock.now() - started) / 1e9))
  }
}
