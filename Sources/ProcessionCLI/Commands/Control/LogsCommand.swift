import ArgumentParser
import Control
import PipelineFile
import POSIXKit

/// `procession logs`: what a run said.
struct LogsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Show what a run said, and follow what it says.",
    discussion: """
      Of a live run: its last messages, 1,000 at most. Of one that is not live: those in the log of its state \
      folder, which a detached run writes; name its pipeline file then.

        \(ProgramName.current) logs -f
        \(ProgramName.current) logs -n 100 clean.1
        \(ProgramName.current) logs --pipeline flights.yaml
      """)

  @Argument(help: "Only those about a stage or a slot: [pipeline/]stage[.slot].")
  var stage: StageAddress?

  @Flag(name: .shortAndLong, help: "Go on with what it says, until it ends.")
  var follow = false

  @Option(name: [.customShort("n"), .long], help: "How many of the last messages (default: 10).")
  var lines = ControlRequest.standardLines

  @Option(
    name: .long, help: "The pipeline's name, or the path of its file; may be left out where one run is live.",
    completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String?

  @OptionGroup var state: StateOptions

  @Flag(name: .long, help: "Print JSON to standard output, one object a line.")
  var json = false

  func validate() throws {
    if lines < 0 { throw ValidationError("--lines \(lines) is below 0") }
    if stage?.pipeline != nil && pipeline != nil {
      throw ValidationError("--pipeline names the pipeline; leave it out of the stage")
    }
  }

  private var wanted: String? { pipeline ?? stage?.pipeline }

  func run() throws {
    if state.state != nil { return try showFile(of: LogFiles(folder: state.state!)) }
    let runs = RunSelection(runs: RunFinder.runs())
    if let chosen = try? runs.choose(wanted) {
      return try showLive(chosen)
    }
    // Which of several is meant has to be said; which of none, the files may tell.
    if let wanted, let files = try LogFiles(pipeline: wanted) { return try showFile(of: files) }
    do {
      _ = try runs.choose(wanted)
    } catch {
      throw LiveRun.failure("\(error); of one that is over, name the pipeline file or --state")
    }
  }

  private func showLive(_ chosen: FoundRun) throws {
    var run = try LiveRun(chosen)
    var name: String?
    if let stage {
      let found = try LiveRun.resolve(stage, in: run.status)
      name = found.slot.map { "\(found.stage).\($0)" } ?? found.stage
    }
    try run.send(.logs(of: name, lines: lines, follows: follow))
    while true {
      // The lines that are there come at once; those that follow, when they happen.
      guard let reply = try run.receive(until: follow ? nil : LiveRun.deadline) else {
        throw LiveRun.failure("the run does not answer")
      }
      switch reply {
      case .log(let record): show(record)
      case .lost(let count):
        Terminal.printError("(\(count) messages were left out here: they were not read quickly enough)")
      case .logsTold: if !follow { return }
      case .end(let end): return Terminal.printError("the run has ended: \(end.outcome)")
      case let other: throw CommandOutcome.unexpected(other)
      }
    }
  }

  private func show(_ record: LogRecord) { Terminal.printOutput(json ? record.jsonLine : record.datedText) }

  private func showFile(of files: LogFiles) throws {
    for record in try files.last(lines, of: stage?.name) { show(record) }
    if follow { Terminal.printError("the run is not live; these were its last messages") }
  }
}
