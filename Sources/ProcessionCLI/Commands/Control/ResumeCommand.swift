import ArgumentParser
import Control

/// `procession resume`: has it go on.
struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Have a paused run go on.")

  @OptionGroup var argument: RunArgument

  @OptionGroup var options: SteeringOptions

  func run() throws {
    var run = try LiveRun.find(argument.pipeline)
    try CommandOutcome(name: "resume", options: options).carryOut(.resume, on: &run)
  }
}
