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

  @Argument(help: "[PIPELINE/]STAGE[.SLOT]: the pipeline may be left out where one runs.")
  var stage: String

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
    let target = try TapTarget.find(stage, isInput: input ? true : output ? false : nil)
    // Before the socket is there, so that no signal leaves it behind.
    let signals = try SignalDescriptor([SIGINT, SIGTERM, SIGHUP])
    let socket = try TapSocket(in: target.folder)
    let path = socket.path
    var reading = TapReading(
      signals: signals, socket: socket, client: try connect(target, path),
      lines: TapLines(slot: target.slot, filter: program, wrapsInJSON: json, limit: limit))
    let end = try reading.run()
    Terminal.printError(reading.closing(end))
    if case .failed = end { throw ExitCode(ExitStatusTable.failed) }
  }

  /// Asks for the tap, which lasts as long as the connection.
  private func connect(_ target: TapTarget, _ path: String) throws -> ControlClient {
    do {
      let deadline = MonotonicClock.deadline(after: .seconds(10))
      var client = try ControlClient(path: target.socket, until: deadline)
      let request = TapRequest(stage: target.stage, isInput: target.isInput, sample: sample, path: path)
      switch try client.ask(.command(.tap(request), waits: false), until: deadline) {
      case .accepted: return client
      case .refused(let text), .error(let text): throw TapTarget.refusal(text)
      default: throw TapTarget.refusal("the run does not answer as it should")
      }
    } catch let error as ControlClientError {
      throw TapTarget.refusal("\(error)")
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
