import ArgumentParser
import Glibc
import PipelineFile
import Worker

/// `procession run`: runs a pipeline to its end.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a pipeline to the end of its input.",
    discussion: """
      Progress and the closing table go to standard error. Ctrl-C (SIGINT) or SIGTERM drains: reading stops, \
      what is in flight is finished, and the status is 3. A second one ends the run at once. Whatever ended a \
      run early, the same command goes on where it was; a run that was complete starts anew.
      """)

  @OptionGroup var options: PipelineOptions

  @OptionGroup var state: StateOptions

  @Flag(name: .long, help: "Start over: forget what an unfinished run has done.")
  var fresh = false

  @Flag(name: .long, help: "Status 4 where the run is complete, but with dead letters.")
  var strict = false

  @Flag(name: .long, help: "No progress; messages and the closing table only.")
  var quiet = false

  @OptionGroup var log: LogOptions

  func run() throws {
    let loaded = try options.load()
    let style = try options.progressStyle(of: loaded.plan, quiet: quiet)
    let status = try PipelineRun(
      plan: loaded.plan, stateFolder: state.folder(of: loaded.plan), purpose: .run(fresh: fresh),
      strict: strict, style: style,
      json: options.json, logging: log.settings
    ).run()
    if status != 0 { throw ExitCode(status) }
  }
}
