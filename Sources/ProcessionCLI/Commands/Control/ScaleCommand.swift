import ArgumentParser
import Control

/// `procession scale`: changes how many workers a stage has while it runs.
struct ScaleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale", abstract: "Give a stage of a live run more workers or fewer.",
    discussion: """
      Nothing is lost: a worker that is to leave finishes what it has. Stages of steps without a key can be \
      scaled. The file is not changed, and the next run begins with what it says.

        \(ProgramName.current) scale clean 4
        \(ProgramName.current) scale flights/clean 1
      """)

  @Argument(help: "The stage: [pipeline/]stage.")
  var stage: StageAddress

  @Argument(help: "How many workers it is to have.")
  var workers: Int

  @OptionGroup var options: SteeringOptions

  func validate() throws {
    if workers < 1 {
      throw ValidationError("a stage has 1 worker at least; '\(ProgramName.current) pause' stops reading")
    }
  }

  func run() throws {
    var run = try LiveRun.find(stage.pipeline)
    let found = try LiveRun.resolve(stage, in: run.status)
    if let slot = found.slot {
      throw LiveRun.failure(
        "a stage is scaled, not a slot: \(ProgramName.current) scale \(found.stage) \(workers), without .\(slot)"
      )
    }
    try CommandOutcome(name: "scale", options: options)
      .carryOut(.scale(stage: found.stage, workers: workers), on: &run)
  }
}
