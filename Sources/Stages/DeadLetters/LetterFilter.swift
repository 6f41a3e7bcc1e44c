/// Which letters are meant; what is nil does not matter.
package struct LetterFilter: Hashable, Sendable {
  package var ids: [Int64]?
  package var stage: String?
  /// A part of the cause's text, or `error` or `death` for its kind.
  package var cause: String?
  /// Nanoseconds since 1970: at this time or later.
  package var since: UInt64?
  package var state: StoredLetter.State?
  /// The newest so many.
  package var limit: Int?

  package init(
    ids: [Int64]? = nil, stage: String? = nil, cause: String? = nil, since: UInt64? = nil,
    state: StoredLetter.State? = nil, limit: Int? = nil
  ) {
    self.ids = ids
    self.stage = stage
    self.cause = cause
    self.since = since
    self.state = state
    self.limit = limit
  }
}
