import ArgumentParser
import PipelineFile

/// `procession validate`: checks a pipeline file and starts nothing.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check a pipeline file and start nothing.",
    discussion: "Tells everything that is wrong in one go, each with file, line and column.")

  @OptionGroup var options: PipelineOptions

  @Flag(name: .long, help: "List every default and each stage's start method with its reason.")
  var explain = false

  @Flag(name: .long, help: "Print the merged file with all references filled in.")
  var print = false

  func run() throws {
    let loaded = try options.load()
    if options.json {
      try Terminal.printJSON(PlanDocument(loaded))
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
    let stages = loaded.plan.stages
    let workers = stages.reduce(0) { $0 + $1.workers }
    Terminal.printOutput("\(options.file): valid; \(stages.count) stages, \(workers) processes")
  }
}
