import ArgumentParser
import PipelineFile
import Stages

/// `procession dead-letters`: looks at the records that a pipeline's stages could not work on.
struct DeadLettersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead-letters",
    abstract: "List, show, export, put back in or drop records that stages could not work on.",
    discussion: """
      A record that a stage refuses, or that ends its workers, becomes a dead letter (on_error: dead-letter) \
      and is kept in the pipeline's state. All but replay may be used while a run is writing.
      """,
    subcommands: [
      ListDeadLettersCommand.self, ShowDeadLetterCommand.self, ExportDeadLettersCommand.self,
      ReplayDeadLettersCommand.self, DropDeadLettersCommand.self,
    ])
}

/// What the commands on dead letters share: which pipeline's.
struct DeadLetterOptions: ParsableArguments {
  @OptionGroup var pipeline: PipelineOptions
  @OptionGroup var state: StateOptions

  /// Hands the pipeline's letters to `body`; nil where none were ever kept. A failure is told and ends the
  /// command with status 1.
  func withStore<R>(_ body: (DeadLetterStore?) throws -> R) throws -> R {
    let folder = state.folder(of: try pipeline.load().plan)
    return try Self.withStore(of: folder, body)
  }

  /// As above, for the letters in a state's folder.
  static func withStore<R>(of folder: String, _ body: (DeadLetterStore?) throws -> R) throws -> R {
    do {
      return try body(DeadLetterStore(existing: "\(folder)/\(DeadLetterStore.fileName)"))
    } catch let error as StageFailure {
      Terminal.printError(error.description)
      throw ExitCode(ExitStatusTable.failed)
    }
  }

  /// Ends the command: no letters have these ids.
  static func refuse(unknown ids: [Int64]) -> ExitCode {
    let list = ids.map(String.init).joined(separator: ", ")
    Terminal.printError(
      "error: no dead letter has the id \(list); '\(ProgramName.current) dead-letters list' shows those there are"
    )
    return ExitCode(ExitStatusTable.usage)
  }
}
