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

      With --detach the run leaves the terminal: the command returns with status 0 once all workers are ready, \
      or with the status and the words that the run ended with before that. The log is the file 'log' in the \
      state's folder, with older parts beside it ('log.1' to 'log.4', 8 MiB each).
      """)

  @OptionGroup var options: PipelineOptions

  @OptionGroup var state: StateOptions

  @Flag(name: .long, help: "Start over: forget what an unfinished run has done.")
  var fresh = false

  @Flag(name: .long, help: "Status 4 where the run is complete, but with dead letters.")
  var strict = false

  @Flag(name: .long, help: "No progress; messages and the closing table only.")
  var quiet = false

  @Flag(
    name: .long,
    help: "Go on in the background: return once all workers are ready, and log to the state's folder.")
  var detach = false

  @OptionGroup var log: LogOptions

  func run() throws {
    let loaded = try options.load()
    let style = try options.progressStyle(of: loaded.plan, quiet: quiet)
    var run = PipelineRun(
      plan: loaded.plan, stateFolder: state.folder(of: loaded.plan), purpose: .run(fresh: fresh),
      strict: strict, style: style,
      json: options.json, logging: log.settings)
    if detach {
      try DetachedRun.check(loaded.plan)
      switch try DetachedRun.fork() {
      case .copy(let verdict): run.detach(verdict)
      case .original(let start):
        let status = try start.conclude(run)
        if status != 0 { throw ExitCode(status) }
        return
      }
    }
    let status = try run.run()
    if status != 0 { throw ExitCode(status) }
  }
}
