import ArgumentParser
import Control

/// How a run's log is written: options of every command that runs a pipeline.
struct LogOptions: ParsableArguments {
  @Option(
    name: .long,
    help: "How log lines are written to standard error: text, or json (one procession.log/1 object a line).")
  var logFormat = LogSettings.Style.text

  @Option(
    name: .long,
    help: "What is left out: all below \(LogRecord.Level.allCases.map(\.rawValue).joined(separator: ", ")).")
  var logLevel = LogRecord.Level.info

  var settings: LogSettings { LogSettings(style: logFormat, level: logLevel) }
}

extension LogSettings.Style: ExpressibleByArgument {}
extension LogRecord.Level: ExpressibleByArgument {}
