/// How a record of the log is written where it goes.
package enum LogFormat: Sendable, Equatable {
  /// `clean.0: message`: for a terminal.
  case plain
  /// With time and level, for what is read later.
  case dated
  /// With systemd's priority, for its journal, which dates lines itself.
  case journal
  /// One object a line.
  case json

  /// Without the newline at the end.
  package func text(of record: LogRecord) -> String {
    switch self {
    case .plain: record.plainText
    case .dated: record.datedText
    case .journal: record.journalText
    case .json: record.jsonLine
    }
  }
}
