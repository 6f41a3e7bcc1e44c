/// One line of a run's log before it is rendered: what happened, to whom, and how much it matters.
package struct LogRecord: Sendable, Equatable {
  package enum Level: String, Sendable, CaseIterable, Comparable {
    case trace, debug, info, notice, warning, error, critical

    package static func < (one: Level, other: Level) -> Bool {
      allCases.firstIndex(of: one)! < allCases.firstIndex(of: other)!
    }
  }

  package enum Value: Sendable, Equatable {
    case text(String)
    case integer(Int64)
    case decimal(Double)
    case truth(Bool)
    case lines([String])
  }

  /// Nanoseconds since 1970.
  package var time: UInt64
  package var level: Level
  package var pipeline: String
  /// The stage and, as `clean.0`, the slot that it is about, where it is about one.
  package var stage: String?
  package var slot: String?
  /// All that a reader of text sees; of several lines where one is not enough, such as a crash report.
  package var message: String
  /// The same for programs, each with a name: text does not show them. Never a record or a secret.
  package var fields: [(name: String, value: Value)]

  package init(
    time: UInt64, level: Level, pipeline: String, stage: String? = nil, slot: String? = nil,
    message: String, fields: [(name: String, value: Value)] = []
  ) {
    self.time = time
    self.level = level
    self.pipeline = pipeline
    self.stage = stage
    self.slot = slot
    self.message = message
    self.fields = fields
  }

  package static func == (one: LogRecord, other: LogRecord) -> Bool {
    one.time == other.time && one.level == other.level && one.pipeline == other.pipeline
      && one.stage == other.stage && one.slot == other.slot && one.message == other.message
      && one.fields.map(\.name) == other.fields.map(\.name)
      && one.fields.map(\.value) == other.fields.map(\.value)
  }
}
