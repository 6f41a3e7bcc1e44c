import ArgumentParser
import Control

/// `procession restart`: replaces workers.
struct RestartCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart", abstract: "Replace the workers of a stage of a live run, or one of them.",
    discussion: """
      One after the other; where the stage allows it, the new worker is ready before the old one leaves. Nothing \
      is lost, and it does not count as a failure.

        \(ProgramName.current) restart clean
        \(ProgramName.current) restart flights/clean.1
      """)

  @Argument(help: "What to restart: [pipeline/]stage[.slot].")
  var stage: StageAddress

  @OptionGroup var options: SteeringOptions

  func run() throws {
    var run = try LiveRun.find(stage.pipeline)
    let found = try LiveRun.resolve(stage, in: run.status)
    try CommandOutcome(name: "restart", options: options)
      .carryOut(.restart(stage: found.stage, slot: found.slot), on: &run)
  }
}
