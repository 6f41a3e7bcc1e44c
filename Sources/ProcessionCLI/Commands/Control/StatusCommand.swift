import ArgumentParser
import Control

/// `procession status`: what a run is doing now.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show what a live run is doing: its stages, its workers, what is in flight.",
    discussion: "Counts are those of this run's processes, what was done again included.")

  @OptionGroup var argument: RunArgument

  @Flag(name: .long, help: "Print JSON to standard output.")
  var json = false

  func run() throws {
    let run = try LiveRun.find(argument.pipeline)
    if json { return try Terminal.printJSON(run.status) }
    for line in StatusText.lines(run.status) { Terminal.printOutput(line) }
  }
}
