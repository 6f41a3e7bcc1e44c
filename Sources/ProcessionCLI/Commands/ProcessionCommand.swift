import ArgumentParser
import Glibc

/// `procession`: the root of the command line.
struct ProcessionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: ProgramName.current,
    abstract: "Runs streaming pipelines as processes that may be killed at any moment.",
    discussion: """
      A pipeline file declares sources, steps and sinks; each stage runs as one or more processes. Kill any \
      of them, and the output is byte for byte what an undisturbed run writes.

      Start with:
        \(ProgramName.current) validate pipeline.yaml     check a file, start nothing
        \(ProgramName.current) graph pipeline.yaml        show its stages
        \(ProgramName.current) run pipeline.yaml          run it
        \(ProgramName.current) ps                         list the runs that are live
        \(ProgramName.current) status                     show what one is doing; top watches it
        \(ProgramName.current) logs -f                    follow what it says; tap shows records as they pass
        \(ProgramName.current) scale clean 4              give a stage more workers; restart, pause, resume
        \(ProgramName.current) stop                       finish what is in flight, then end it
        \(ProgramName.current) chaos pipeline.yaml        run it under kills, and compare
        \(ProgramName.current) dead-letters list pipeline.yaml
                                              show the records that it could not work on
        \(ProgramName.current) state list                 show how far the pipelines here have come
        \(ProgramName.current) doctor                     check this machine

      Exit status: 0 complete; 1 failed; 2 pipeline file or usage; 3 stopped with work left; \
      4 complete with dead letters, if --strict; 5 the state is in use by another run; by signal when forced \
      to end.
      """,
    version: "0.1.0",
    subcommands: [
      RunCommand.self, ValidateCommand.self, GraphCommand.self, PsCommand.self, StatusCommand.self,
      TopCommand.self, LogsCommand.self, TapCommand.self, ScaleCommand.self, RestartCommand.self,
      PauseCommand.self, ResumeCommand.self, StopCommand.self, ChaosCommand.self, DeadLettersCommand.self,
      StateCommand.self, DoctorCommand.self, UnitCommand.self, NewCommand.self, CompletionsCommand.self,
    ])

  /// Parses and runs; returns the exit status by the table of the command line.
  static func runMain() -> Int32 {
    do {
      // A program that is one pipeline runs it.
      let built = BuiltPipelines.names
      let isBare = CommandLine.arguments.count <= 1 && built.count == 1
      var command = try parseAsRoot(isBare ? ["run", built[0]] : nil)
      try command.run()
      return 0
    } catch let status as ExitCode {
      return status.rawValue
    } catch {
      let isRequest = exitCode(for: error) == .success
      let text = fullMessage(for: error)
      if isRequest { Terminal.printOutput(text) } else { Terminal.printError(text) }
      return isRequest ? 0 : ExitStatusTable.usage
    }
  }
}

/// The exit statuses of the command line.
enum ExitStatusTable {
  static let complete: Int32 = 0
  static let failed: Int32 = 1
  static let usage: Int32 = 2
  static let stopped: Int32 = 3
  static let deadLetters: Int32 = 4
  static let inUse: Int32 = 5
}
