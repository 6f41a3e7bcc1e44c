import ArgumentParser
import Expressions
import Glibc
import PipelineFile
import Stages

/// The arguments of every command that takes a pipeline file.
struct PipelineOptions: ParsableArguments {
  @Argument(help: "The pipeline file (YAML).", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(
    name: .long, help: "Another file merged over it: maps merge, lists and values replace. May be repeated.",
    completion: .file(extensions: ["yaml", "yml"]))
  var overlay: [String] = []

  @Flag(name: .long, help: "Print JSON to standard output.")
  var json = false

  /// Reads and checks the file; prints what is wrong and ends with status 2 otherwise.
  func load() throws -> LoadedPipeline {
    switch Self.loadQuietly(file, overlays: overlay) {
    case .success(let loaded):
      for warning in loaded.warnings { Terminal.printError(warning.rendered) }
      return loaded
    case .failure(let errors):
      if json {
        try Terminal.printJSON(DiagnosticsDocument(errors.diagnostics))
      } else {
        for diagnostic in errors.diagnostics { Terminal.printError(diagnostic.rendered) }
        let count = errors.diagnostics.filter { $0.severity == .error }.count
        Terminal.printError(
          count == 1 ? "1 error; nothing was started" : "\(count) errors; nothing was started")
      }
      throw ExitCode(ExitStatusTable.usage)
    }
  }

  /// Reads and checks a file, or a pipeline that this program has built, and prints nothing.
  static func loadQuietly(_ file: String, overlays: [String] = []) -> Result<LoadedPipeline, PipelineErrors> {
    if let built = BuiltPipelines.document(named: file) {
      return PipelineFile.load(
        built: built, name: file, environment: environment(), currentDirectory: currentDirectory(),
        checker: check, userTypes: UserStages.types)
    }
    return PipelineFile.load(
      path: file, overlays: overlays, environment: environment(), currentDirectory: currentDirectory(),
      checker: check, userTypes: UserStages.types)
  }

  /// How a run of the plan shows its progress; ends the command where it can't be as the user wants it.
  func progressStyle(of plan: Plan, quiet: Bool) throws -> ProgressSetup.Style {
    let writesOutput = plan.stages.contains {
      if case .sink(let sink) = $0.work { sink.target == .standardOutput } else { false }
    }
    if json && writesOutput {
      Terminal.printError("--json and a sink that writes standard output can't share it; name a file in one")
      throw ExitCode(ExitStatusTable.usage)
    }
    return quiet ? .quiet : json ? .json : Terminal.errorIsTerminal ? .live : .plain
  }

  private static func check(_ program: String, _ variables: [String]) -> JQCheck {
    do {
      let made = try JQProgram(program, variables: variables.map { ($0, "null") })
      return JQCheck(warnings: made.usesClock ? [.init(message: clockWarning)] : [])
    } catch {
      return JQCheck(error: .init(message: error.message, offset: error.offset))
    }
  }

  /// Exactly-once is exact for what gives the same result again: a batch that a death made somebody do twice
  /// may reach one sink with the first result and another with the second.
  private static let clockWarning =
    "this program asks for the time or the time zone, so a record that is worked on again after a death may "
    + "come out differently, and two sinks may disagree; take the time from the record where that matters"

  private static func environment() -> [String: String] {
    var values: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if pair.count == 2 { values[String(pair[0])] = String(pair[1]) }
      entry += 1
    }
    return values
  }

  static func currentDirectory() -> String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(cString: path)
  }
}
