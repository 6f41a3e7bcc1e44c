import ArgumentParser
import PipelineFile
import Stages
import Worker

/// `procession dead-letters replay`: puts them back in where they fell out.
struct ReplayDeadLettersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Put dead letters back in at the stage where they fell out, once.",
    discussion: """
      Runs the stages from there on, as the file has them now: mend the step or its table first. Sinks go on \
      behind what they have written. What fails again is a dead letter once more.

      Whatever ends a replay early, the same command goes on with it, and until it is complete the pipeline \
      itself does not run.
      """)

  @OptionGroup var options: DeadLetterOptions

  @Argument(help: "The ids of those to put back in.")
  var ids: [Int64] = []

  @Option(name: .long, help: "Those of this stage.")
  var stage: String?

  @Flag(name: .long, help: "All of them.")
  var all = false

  @Flag(name: .long, help: "No progress; messages and the closing table only.")
  var quiet = false

  @OptionGroup var log: LogOptions

  func validate() throws {
    if all && (!ids.isEmpty || stage != nil) {
      throw ValidationError("--all can't be mixed with ids or --stage; write one of them")
    }
  }

  func run() throws {
    let loaded = try options.pipeline.load()
    let folder = options.state.folder(of: loaded.plan)
    if !ids.isEmpty {
      let unknown = try DeadLetterOptions.withStore(of: folder) { store in
        try ids.filter { try store?.letter($0) == nil }
      }
      if !unknown.isEmpty { throw DeadLetterOptions.refuse(unknown: unknown) }
    }
    let isSelected = all || !ids.isEmpty || stage != nil
    let status = try PipelineRun(
      plan: loaded.plan, stateFolder: folder,
      purpose: .replay(isSelected ? ReplaySelection(ids: ids.isEmpty ? nil : ids, stage: stage) : nil),
      style: options.pipeline.progressStyle(of: loaded.plan, quiet: quiet), json: options.pipeline.json,
      logging: log.settings
    ).run()
    if status != 0 { throw ExitCode(status) }
  }
}

/// `procession.replay/1`: the last line of `dead-letters replay --json`.
struct ReplayDocument: Encodable {
  let schema = "procession.replay/1"
  let pipeline: String
  /// Letters that were put back in.
  let letters: Int
  /// Records of theirs that became letters again.
  let dead_again: Int

  init(_ plan: Plan, _ replay: ConcludedReplay?) {
    pipeline = plan.name
    letters = replay?.letters ?? 0
    dead_again = replay?.deadAgain ?? 0
  }
}
