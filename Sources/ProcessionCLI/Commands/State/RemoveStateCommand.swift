import ArgumentParser
import PipelineFile
import Worker

/// `procession state rm`: forgets what a pipeline has done.
struct RemoveStateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove a pipeline's state; its outputs stay as they are.",
    discussion: """
      Refused while a run has it and, without --force, where an unfinished run or dead letters would be lost. \
      The next run does not know the outputs as its own then: 'existing: own' refuses them.
      """)

  @OptionGroup var options: PipelineOptions
  @OptionGroup var state: StateOptions

  @Flag(name: .long, help: "Remove it although something is lost with it.")
  var force = false

  func run() throws {
    let plan = try options.load().plan
    let folder = state.folder(of: plan)
    guard StateReading.isState(folder) else {
      Terminal.printError("\(plan.name) has no state (\(folder))")
      return try tell(folder, removed: false)
    }
    do {
      try RunState.remove(folder) {
        let losses = force ? [] : StateReport(folder, name: plan.name).losses
        if losses.isEmpty { return nil }
        return "with the state of \(plan.name) would be lost:\n" + losses.map { "  \($0)\n" }.joined()
          + "remove it all the same with --force"
      }
    } catch {
      Terminal.printError("error: \(error)")
      if case .inUse = error { throw ExitCode(ExitStatusTable.inUse) }
      throw ExitCode(ExitStatusTable.failed)
    }
    Terminal.printError("removed the state of \(plan.name) (\(folder))")
    try tell(folder, removed: true)
  }

  private func tell(_ folder: String, removed: Bool) throws {
    if options.json { try Terminal.printJSON(RemovalDocument(folder: folder, removed: removed)) }
  }
}

/// `procession.state-removal/1`: what `state rm --json` prints.
struct RemovalDocument: Encodable {
  let schema = "procession.state-removal/1"
  let folder: String
  let removed: Bool
}
