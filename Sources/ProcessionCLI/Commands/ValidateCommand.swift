import ArgumentParser
import PipelineFile

/// `procession validate`: checks a pipeline file and starts nothing.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check a pipeline file and start nothing.",
    discussion: """
      Tells everything that is wrong in one go, each with file, line and column. Where an earlier run has left a \
      state, says whether this file goes on with it, or what has changed so that it can't.
      """)

  @OptionGroup var options: PipelineOptions

  @OptionGroup var state: StateOptions

  @Flag(name: .long, help: "List every default and each stage's start method with its reason.")
  var explain = false

  @Flag(name: .long, help: "Print the merged file with all references filled in.")
  var print = false

  func run() throws {
    let loaded = try options.load()
    if options.json {
      try Terminal.printJSON(PlanDocument(loaded, state: verdict(loaded.plan)))
      return
    }
    if print {
      Terminal.printOutput(PlanExplanation.print(loaded))
      return
    }
    if explain {
      for line in PlanExplanation.explain(loaded) { Terminal.printOutput(line) }
      return
    }
    let count = loaded.plan.declaredStages.count
    let workers = loaded.plan.stages.reduce(0) { $0 + $1.workers }
    Terminal.printOutput("\(options.file): valid; \(count) stages, \(workers) processes")
    for line in verdict(loaded.plan)?.lines ?? [] { Terminal.printOutput(line) }
  }

  /// Whether the state of an earlier run can be gone on with; nil if there is none.
  private func verdict(_ plan: Plan) -> StateVerdict? {
    StoredPlan.read(stateFolder: state.folder(of: plan)).verdict(for: plan)
  }
}
