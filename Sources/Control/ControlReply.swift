/// One line of a run's answers.
package enum ControlReply: Sendable, Equatable {
  case status(RunStatus)
  /// A command was carried out, or begun: what it says.
  case accepted(String)
  /// A command was not carried out: why not, and what would be right.
  case refused(String)
  /// What a command began, and the client waits for, has come to its end.
  case settled
  case log(LogRecord)
  /// So many lines of the log were left out here: the client was too slow.
  case lost(UInt64)
  /// All lines of the log that were asked for are told; those that follow come as they happen.
  case logsTold
  /// The run has ended: how, with what exit status, and its closing words.
  case end(RunEnd)
  /// Comes with a descriptor of the memory, to look at only.
  case pages(PagesLayout)
  /// The line was none of the protocol, or the client can't be served.
  case error(String)
}

/// How a run ended.
package struct RunEnd: Codable, Sendable, Equatable {
  /// complete, stopped, drained, failed or forced
  package var outcome: String
  package var exit_status: Int32
  /// The closing words, as the run itself prints them.
  package var text: String

  package init(outcome: String, exit_status: Int32, text: String) {
    self.outcome = outcome
    self.exit_status = exit_status
    self.text = text
  }
}

/// What lies where in the memory with the pages: one page for each slot, in plan order.
package struct PagesLayout: Codable, Sendable, Equatable {
  package struct Stage: Codable, Sendable, Equatable {
    package var name: String
    package var role: String
    /// The place of its first slot's page among all pages.
    package var first: Int
    package var slots: Int

    package init(name: String, role: String, first: Int, slots: Int) {
      self.name = name
      self.role = role
      self.first = first
      self.slots = slots
    }
  }

  package var pipeline: String
  package var stages: [Stage]

  package init(pipeline: String, stages: [Stage]) {
    self.pipeline = pipeline
    self.stages = stages
  }

  /// The status lists every slot that there is room for, wanted or not.
  package init(_ status: RunStatus) {
    pipeline = status.pipeline
    stages = []
    var first = 0
    for stage in status.stages {
      stages.append(Stage(name: stage.name, role: stage.role, first: first, slots: stage.slots.count))
      first += stage.slots.count
    }
  }
}

extension ControlReply: Codable {
  enum Key: String, CodingKey {
    case schema, reply, status, text, record, lines, end, pages
  }

  enum Word: String {
    case status, accepted, refused, settled, log, lost
    case logsTold = "logs-told"
    case end, pages, error
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let schema = try values.decode(String.self, forKey: .schema)
    guard schema == ControlRequest.schema else {
      throw ControlLineError(
        "the run speaks \(schema), not \(ControlRequest.schema); use the procession that started it")
    }
    let text = try values.decode(String.self, forKey: .reply)
    guard let word = Word(rawValue: text) else { throw ControlLineError("there is no reply '\(text)'") }
    switch word {
    case .status: self = .status(try values.decode(RunStatus.self, forKey: .status))
    case .accepted: self = .accepted(try values.decode(String.self, forKey: .text))
    case .refused: self = .refused(try values.decode(String.self, forKey: .text))
    case .settled: self = .settled
    case .log: self = .log(try values.decode(LogRecord.self, forKey: .record))
    case .lost: self = .lost(try values.decode(UInt64.self, forKey: .lines))
    case .logsTold: self = .logsTold
    case .end: self = .end(try values.decode(RunEnd.self, forKey: .end))
    case .pages: self = .pages(try values.decode(PagesLayout.self, forKey: .pages))
    case .error: self = .error(try values.decode(String.self, forKey: .text))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(ControlRequest.schema, forKey: .schema)
    try values.encode(word.rawValue, forKey: .reply)
    switch self {
    case .status(let status): try values.encode(status, forKey: .status)
    case .accepted(let text), .refused(let text), .error(let text): try values.encode(text, forKey: .text)
    case .settled, .logsTold: break
    case .log(let record): try values.encode(record, forKey: .record)
    case .lost(let lines): try values.encode(lines, forKey: .lines)
    case .end(let end): try values.encode(end, forKey: .end)
    case .pages(let layout): try values.encode(layout, forKey: .pages)
    }
  }

  private var word: Word {
    switch self {
    case .status: .status
    case .accepted: .accepted
    case .refused: .refused
    case .settled: .settled
    case .log: .log
    case .lost: .lost
    case .logsTold: .logsTold
    case .end: .end
    case .pages: .pages
    case .error: .error
    }
  }
}
