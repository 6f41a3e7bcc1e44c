import ArgumentParser
import PipelineFile

/// Where a pipeline's state is: an option of every command that uses it.
struct StateOptions: ParsableArguments {
  @Option(
    name: .long, help: "Folder of the pipeline's state (default: .procession/NAME beside the file).",
    completion: .directory)
  var state: String?

  /// Absolute.
  func folder(of plan: Plan) -> String {
    absolute ?? "\(plan.directory)/.procession/\(plan.name)"
  }

  /// What was named, absolute; nil where nothing was.
  var absolute: String? {
    guard let state else { return nil }
    return state.hasPrefix("/") ? state : PipelineOptions.currentDirectory() + "/" + state
  }
}
