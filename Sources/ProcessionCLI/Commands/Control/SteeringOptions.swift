import ArgumentParser
import PipelineFile

/// The options of every command that steers a run.
struct SteeringOptions: ParsableArguments {
  static let standard = "60s"

  @Option(
    name: .long,
    help:
      "How long to wait for the end of what was begun, such as 5m (default: \(standard)); it goes on after that."
  )
  var timeout: String?

  @Flag(name: .long, help: "Do not wait for the end of what was begun.")
  var noWait = false

  @Flag(name: .long, help: "Print JSON to standard output.")
  var json = false

  var waits: Bool { !noWait }

  /// Nanoseconds.
  var patience: UInt64 { (try? DurationText.parsePositive(timeout ?? Self.standard)) ?? 0 }

  func validate() throws {
    if noWait && timeout != nil { throw ValidationError("--timeout and --no-wait exclude each other") }
    try Self.check(timeout)
  }

  /// Says what is wrong with the value of `--timeout`.
  static func check(_ timeout: String?) throws {
    guard let timeout else { return }
    do throws(ScalarProblem) {
      _ = try DurationText.parsePositive(timeout)
    } catch {
      throw ValidationError("--timeout: \(error.message); \(error.remedy)")
    }
  }
}

/// Which run a command is about.
struct RunArgument: ParsableArguments {
  @Argument(
    help: "The pipeline's name, or the path of its file; may be left out where one run is live.",
    completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String?
}
