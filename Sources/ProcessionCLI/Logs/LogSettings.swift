import Control
import Glibc
import POSIXKit

/// How the user wants a run's log.
struct LogSettings {
  enum Style: String, CaseIterable { case text, json }

  var style = Style.text
  var level = LogRecord.Level.info

  /// For standard error.
  var format: LogFormat {
    switch style {
    case .json: .json
    case .text: Terminal.errorIsTerminal ? .plain : Self.errorIsJournal ? .journal : .dated
    }
  }

  /// For a file.
  var fileFormat: LogFormat { style == .json ? .json : .dated }

  /// Says something on standard error beside the log of a run: before it begins, or where there is none.
  func say(_ level: LogRecord.Level, _ text: String, pipeline: String) {
    switch style {
    case .text: Terminal.printError(text)
    case .json:
      Terminal.printError(
        LogRecord(time: WallClock.now(), level: level, pipeline: pipeline, message: text).jsonLine)
    }
  }

  /// systemd names the device and inode of the stream that it made for the journal.
  private static var errorIsJournal: Bool {
    guard let named = getenv("JOURNAL_STREAM").map({ String(cString: $0) }) else { return false }
    var status = stat()
    return fstat(2, &status) == 0 && named == "\(status.st_dev):\(status.st_ino)"
  }
}
