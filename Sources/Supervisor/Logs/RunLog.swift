import Control
import Logging
import POSIXKit

/// The log of a run: takes records and hands each, rendered once per format, to its destinations.
///
/// A record is one write, so that lines never mix. Neither a slow terminal nor a full disk is waited for. For
/// the supervisor's one thread.
package final class RunLog {
  package let pipeline: String
  /// Records below it go nowhere.
  package let level: LogRecord.Level
  private let destinations: [(destination: any LogDestination, format: LogFormat)]
  /// Gets each record: whoever follows the log of a run from outside.
  package var observer: ((LogRecord) -> Void)?

  package init(
    pipeline: String, level: LogRecord.Level = .info,
    to destinations: [(destination: any LogDestination, format: LogFormat)]
  ) {
    self.pipeline = pipeline
    self.level = level
    self.destinations = destinations
  }

  /// Takes a record; one below ``level`` is passed over.
  package func add(_ record: LogRecord) {
    if record.level < level { return }
    for entry in destinations { entry.destination.write(entry.format.text(of: record)) }
    observer?(record)
  }

  /// A logger that feeds this log. Its metadata become fields, but for `stage` and `slot`.
  package func makeLogger() -> Logger {
    Logger(label: pipeline) { _ in RunLogHandler(self) }
  }

  package func watch(in poller: inout Poller, token: Int) {
    for entry in destinations { entry.destination.watch(in: &poller, token: token) }
  }

  /// Goes on with what destinations could not do at once.
  package func proceed() throws(SystemCallError) {
    for entry in destinations { try entry.destination.proceed() }
  }

  /// Finishes what was taken. Nothing may be added after it.
  package func close() {
    for entry in destinations { entry.destination.close() }
  }
}
