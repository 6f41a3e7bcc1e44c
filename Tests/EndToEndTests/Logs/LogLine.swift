import Testing

/// A `procession.log/1` line, read by a parser that is not ours.
struct LogLine {
  let level: String
  let message: String
  let stage: String?
  let slot: String?
  let event: String?
  let fields: [String: Any]

  init(_ line: some StringProtocol) throws {
    let object = try JSONText.object(line.utf8)
    try #require(object["schema"] as? String == "procession.log/1", "\(line)")
    let time = try #require(object["time"] as? String)
    try #require(time.hasSuffix("Z") && time.count == 27, "\(line)")
    try #require(object["pipeline"] as? String != nil, "\(line)")
    level = try #require(object["level"] as? String)
    message = try #require(object["message"] as? String)
    stage = object["stage"] as? String
    slot = object["slot"] as? String
    fields = object["fields"] as? [String: Any] ?? [:]
    event = fields["event"] as? String
  }

  /// Each line must be one.
  static func all(_ text: String) throws -> [LogLine] {
    try text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { try LogLine($0) }
  }
}
