/// What a stage does about records that it can't work on.
package struct ErrorPlan: Codable, Sendable, Equatable {
  package enum OnError: String, Codable, Sendable, CaseIterable {
    case deadLetter = "dead-letter"
    case drop
    case fail
  }

  package var onError: OnError
  /// Deaths of workers with one batch in hand after which it is worked on record by record.
  package var attempts: Int
  /// Nanoseconds that a worker may spend on one batch; nil for as long as it takes.
  package var deadline: UInt64?

  package static let standardAttempts = 3

  package init(
    onError: OnError = .fail, attempts: Int = ErrorPlan.standardAttempts, deadline: UInt64? = nil
  ) {
    self.onError = onError
    self.attempts = attempts
    self.deadline = deadline
  }
}

/// `dead_letters`: how many are too many, and how long they are kept.
package struct DeadLetterPlan: Codable, Sendable, Equatable {
  package enum Limit: Codable, Sendable, Equatable {
    case none
    case count(UInt64)
    /// Hundredths of a percent of the records that a stage took, judged from 1,000 records on.
    case share(UInt64)
  }

  package var limit: Limit
  /// Nanoseconds after which a letter is forgotten; nil: kept.
  package var keep: UInt64?

  /// 10 %.
  package static let standardLimit = Limit.share(1_000)
  /// The name of the implicit stage, which no stage of a file may have.
  package static let stageName = "dead-letters"

  package init(limit: Limit = DeadLetterPlan.standardLimit, keep: UInt64? = nil) {
    self.limit = limit
    self.keep = keep
  }
}
