import ArgumentParser
import Control

/// `procession pause`: has a run read no more for a while.
struct PauseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Have a live run read no more, until it is told to resume.",
    discussion: "What has been read is finished; the workers stay.")

  @OptionGroup var argument: RunArgument

  @OptionGroup var options: SteeringOptions

  func run() throws {
    var run = try LiveRun.find(argument.pipeline)
    try CommandOutcome(name: "pause", options: options).carryOut(.pause, on: &run)
  }
}
