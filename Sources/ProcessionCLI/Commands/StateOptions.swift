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
    let folder = state ?? "\(plan.directory)/.procession/\(plan.name)"
    return folder.hasPrefix("/") ? folder : PipelineOptions.currentDirectory() + "/" + folder
  }
}
