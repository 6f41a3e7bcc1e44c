/// What a client asks on one line. See the article Control for each line and what answers it.
package enum ControlRequest: Sendable, Equatable {
  case status
  /// `waits`: tell, too, when what the command began has come to its end.
  case command(ControlCommand, waits: Bool)
  /// The last `lines` of the run's log, of one stage or slot or of all; then each as it comes.
  case logs(of: String?, lines: Int, follows: Bool)
  /// Tell when the run has ended.
  case end
  /// The memory with the pages, and what lies where in it.
  case pages

  /// The protocol's name and version; part of each line.
  package static let schema = "procession.control/1"

  /// Lines of the log that are told where no number is named.
  package static let standardLines = 10
}

extension ControlRequest: Codable {
  enum Key: String, CodingKey {
    case schema, request, wait, stage, slot, workers, timeout_seconds, lines, follow, input, sample, path
  }

  /// Every word that `request` may be.
  enum Word: String, CaseIterable {
    case status, logs, end, pages, scale, restart, pause, resume, drain
    case stopNow = "stop-now"
    case tap, untap
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let schema = try values.decode(String.self, forKey: .schema)
    guard schema == Self.schema else {
      throw ControlLineError(
        "this run speaks \(Self.schema), not \(schema); use the procession that started it")
    }
    let text = try values.decode(String.self, forKey: .request)
    guard let word = Word(rawValue: text) else {
      throw ControlLineError(
        "there is no request '\(text)'; there are " + Word.allCases.map(\.rawValue).joined(separator: ", "))
    }
    switch word {
    case .status: self = .status
    case .end: self = .end
    case .pages: self = .pages
    case .logs:
      let lines = try values.decodeIfPresent(Int.self, forKey: .lines) ?? Self.standardLines
      guard lines >= 0 else { throw ControlLineError("\"lines\" must be 0 or more") }
      self = .logs(
        of: try values.decodeIfPresent(String.self, forKey: .stage), lines: lines,
        follows: try values.decodeIfPresent(Bool.self, forKey: .follow) ?? false)
    case .scale:
      let workers = try values.decode(Int.self, forKey: .workers)
      self = try .commanded(
        .scale(stage: values.decode(String.self, forKey: .stage), workers: workers), values)
    case .restart:
      self = try .commanded(
        .restart(
          stage: values.decode(String.self, forKey: .stage),
          slot: values.decodeIfPresent(Int.self, forKey: .slot)), values)
    case .pause: self = try .commanded(.pause, values)
    case .resume: self = try .commanded(.resume, values)
    case .drain:
      let timeout = try values.decodeIfPresent(Double.self, forKey: .timeout_seconds)
      if let timeout, !(timeout >= 0) { throw ControlLineError("\"timeout_seconds\" must be 0 or more") }
      self = try .commanded(.drain(timeout_seconds: timeout), values)
    case .stopNow: self = try .commanded(.stopNow, values)
    case .tap: self = try .commanded(.tap(Self.tap(values)), values)
    case .untap:
      self = try .commanded(.untap(path: values.decode(String.self, forKey: .path)), values)
    }
  }

  private static func commanded(
    _ command: ControlCommand, _ values: KeyedDecodingContainer<Key>
  ) throws -> ControlRequest {
    .command(command, waits: try values.decodeIfPresent(Bool.self, forKey: .wait) ?? false)
  }

  private static func tap(_ values: KeyedDecodingContainer<Key>) throws -> TapRequest {
    let sample = try values.decodeIfPresent(UInt64.self, forKey: .sample) ?? 1
    guard sample > 0 else { throw ControlLineError("\"sample\" must be 1 or more") }
    return TapRequest(
      stage: try values.decode(String.self, forKey: .stage),
      isInput: try values.decodeIfPresent(Bool.self, forKey: .input) ?? false, sample: sample,
      path: try values.decode(String.self, forKey: .path))
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(Self.schema, forKey: .schema)
    try values.encode(word.rawValue, forKey: .request)
    switch self {
    case .status, .end, .pages: break
    case .logs(let stage, let lines, let follows):
      try values.encodeIfPresent(stage, forKey: .stage)
      try values.encode(lines, forKey: .lines)
      try values.encode(follows, forKey: .follow)
    case .command(let command, let waits):
      try values.encode(waits, forKey: .wait)
      try Self.encode(command, &values)
    }
  }

  private static func encode(_ command: ControlCommand, _ values: inout KeyedEncodingContainer<Key>) throws {
    switch command {
    case .pause, .resume, .stopNow: break
    case .scale(let stage, let workers):
      try values.encode(stage, forKey: .stage)
      try values.encode(workers, forKey: .workers)
    case .restart(let stage, let slot):
      try values.encode(stage, forKey: .stage)
      try values.encodeIfPresent(slot, forKey: .slot)
    case .drain(let timeout): try values.encodeIfPresent(timeout, forKey: .timeout_seconds)
    case .tap(let tap):
      try values.encode(tap.stage, forKey: .stage)
      try values.encode(tap.isInput, forKey: .input)
      try values.encode(tap.sample, forKey: .sample)
      try values.encode(tap.path, forKey: .path)
    case .untap(let path): try values.encode(path, forKey: .path)
    }
  }

  private var word: Word {
    switch self {
    case .status: .status
    case .logs: .logs
    case .end: .end
    case .pages: .pages
    case .command(let command, _):
      switch command {
      case .scale: .scale
      case .restart: .restart
      case .pause: .pause
      case .resume: .resume
      case .drain: .drain
      case .stopNow: .stopNow
      case .tap: .tap
      case .untap: .untap
      }
    }
  }
}
