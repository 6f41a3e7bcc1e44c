import ArgumentParser
import Control
import Expressions
import Glibc
import POSIXKit

/// `procession tap`: shows records as they pass at a stage of a run.
struct TapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tap", abstract: "Show records as they pass at a stage.",
    discussion: """
      Prints what goes out of a stage, or with --in what comes in, as JSON, one record a line: a CSV row as the \
      object that steps see, a line as a string. Of a sink and of dead-letters, what comes in.

      The stream is not slowed: a worker gives a fiftieth of its time for being looked at, and what does not fit \
      into that, or comes faster than it is read here, is not shown. Neither are records whose text is longer \
      than 64 KiB. How many there were is told on standard error. Records that are worked on again after a death \
      are shown again.

      Ends with Ctrl-C, with --limit, or with the run.
      """)

  @Argument(help: "[PIPELINE/]STAGE[.SLOT]; the pipeline may be left out where one runs.")
  var stage: StageAddress

  @Flag(name: .customLong("in"), help: "What comes in.")
  var input = false

  @Flag(name: .customLong("out"), help: "What goes out (the default, but for sinks and dead-letters).")
  var output = false

  @Option(name: .long, help: ArgumentHelp("Show records for which this jq program is true.", valueName: "jq"))
  var filter: String?

  @Option(name: .long, help: "Look at one record in so many.")
  var sample: UInt64 = 1

  @Option(name: .long, help: "End after so many records.")
  var limit: UInt64?

  @Flag(name: .long, help: "Print JSON objects with the slot and the record.")
  var json = false

  func validate() throws {
    if input && output { throw ValidationError("--in and --out can't be had at once; start a tap for each") }
    if sample == 0 { throw ValidationError("--sample must be 1 or more") }
    if limit == 0 { throw ValidationError("--limit must be 1 or more") }
  }

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    let program = try filter.map(compile)
    let found = try LiveRun.choose(stage.pipeline)
    var run = try LiveRun(found)
    let target = try resolve(run.status)
    // Before the socket is there, so that no signal leaves it behind.
    let signals = try SignalDescriptor([SIGINT, SIGTERM, SIGHUP])
    let socket = try TapSocket(in: String(found.socket.dropLast(RunFinder.socketName.utf8.count + 1)))
    let request = TapRequest(
      stage: target.stage, isInput: target.isInput, sample: sample, path: socket.path)
    switch try run.ask(.command(.tap(request), waits: false)) {
    case .accepted(let text): Terminal.printError("\(run.status.pipeline): \(text)")
    case .refused(let text): throw LiveRun.failure(text)
    case .end(let end): throw LiveRun.failure("the run has ended: \(end.text)")
    case let other: throw CommandOutcome.unexpected(other)
    }
    var reading = TapReading(
      signals: signals, socket: socket, run: run,
      lines: TapLines(slot: target.slot, filter: program, wrapsInJSON: json, limit: limit))
    let end = try reading.read()
    Terminal.printError(reading.closing(end))
    if case .failed = end { throw ExitCode(ExitStatusTable.failed) }
  }

  private func resolve(_ status: RunStatus) throws -> TapTarget {
    let found = try LiveRun.resolve(stage, in: status)
    do {
      return try TapTarget(
        status.stages.first { $0.name == found.stage }!, slot: found.slot,
        isInput: input ? true : output ? false : nil)
    } catch {
      throw LiveRun.failure(error.description)
    }
  }

  private func compile(_ text: String) throws -> TapFilter {
    do {
      return try TapFilter(text)
    } catch {
      Terminal.printError("error: --filter, at character \(error.offset + 1): \(error.message)")
      throw ExitCode(ExitStatusTable.usage)
    }
  }
}
