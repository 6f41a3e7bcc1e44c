import ArgumentParser
import Stages

/// `procession dead-letters export`: all of them for other programs.
struct ExportDeadLettersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write dead letters to standard output as JSON lines.",
    discussion: """
      One object a letter: its identity, its error, and its record as a JSON value where it is JSON or CSV, \
      else as text.
      """)

  @OptionGroup var options: DeadLetterOptions

  @Option(name: .long, help: "Only those of this stage.")
  var stage: String?

  @Option(name: .long, help: "Only those in this state: dead, replaying or replayed.")
  var only: StateArgument?

  func run() throws {
    try options.withStore { store in
      try store?.read(LetterFilter(stage: stage, state: only?.state)) { stored in
        Terminal.printLetter(stored)
        return true
      }
    }
  }
}
