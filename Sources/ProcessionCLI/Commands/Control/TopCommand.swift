import ArgumentParser
import Control
import Glibc
import PipelineFile
import POSIXKit

/// `procession top`: a live view of a run.
struct TopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top", abstract: "Watch a live run: rates, queues, who is busy and who waits for whom.",
    discussion: """
      Drawn from the pages that the run's processes share, so that looking costs the run nothing. Shares are of \
      the time of a stage's workers: busy with batches, waiting for something to come in, waiting for somebody \
      below to take something. q quits. Where standard output is no terminal, one reading is printed.
      """)

  @OptionGroup var argument: RunArgument

  @Option(name: .long, help: "The time between two readings.")
  var interval = "1s"

  @Flag(name: .long, help: "Print one reading and end.")
  var once = false

  @Flag(name: .long, help: "Print JSON to standard output, one object a line.")
  var json = false

  func validate() throws { _ = try span() }

  private func span() throws -> Duration {
    do throws(ScalarProblem) {
      let nanoseconds = try DurationText.parsePositive(interval)
      return .nanoseconds(Int64(max(nanoseconds, 10_000_000)))
    } catch {
      throw ValidationError("--interval: \(error.message); \(error.remedy)")
    }
  }

  func run() throws {
    let found = try LiveRun.choose(argument.pipeline)
    let loop = try TopLoop(found, interval: try span())
    if once { return try loop.once(json ? .json : .plain) }
    let isTerminal = isatty(0) == 1 && isatty(1) == 1
    if !json && !isTerminal { return try loop.once(.plain) }
    let signal = try loop.watch(json ? .json : .screen)
    if let end = loop.ending { Terminal.printError("the run has ended: \(end.outcome)") }
    // Ctrl-C is a way to leave the view.
    if let signal, json || signal != SIGINT {
      try SignalDescriptor.restoreDefault(signal)
      kill(getpid(), signal)
    }
  }
}
