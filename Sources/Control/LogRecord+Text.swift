import POSIXKit

extension LogRecord {
  /// `clean.0: message`; the slot is not named twice where the message begins with it.
  package var plainText: String {
    guard let who = slot ?? stage, !message.hasPrefix("\(who) ") else { return message }
    return "\(who): \(message)"
  }

  /// `2026-11-23T02:41:57.123Z warning clean.0: message`: sorts by time, and each line has as many words before
  /// the message.
  package var datedText: String { "\(WallClock.text(time)) \(level.rawValue) \(plainText)" }

  /// `<4>clean.0: message`: each line has its priority, as the journal takes each for a message.
  package var journalText: String {
    plainText.split(separator: "\n", omittingEmptySubsequences: false)
      .map { "<\(level.priority)>\($0)" }.joined(separator: "\n")
  }
}

extension LogRecord.Level {
  /// The priority of syslog: 7 for what only helps to look for errors, 2 for what ends everything.
  var priority: Int {
    switch self {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}
