import Coordination
import Delivery

/// All that is known of a worker's end.
package struct WorkerEnd: Hashable, Sendable {
  /// N for exit status N, -N for signal N; nil if it could not be started.
  package var status: Int32?
  package var detail: String
  /// How it ended, in a word: "SIGSEGV", "status 3".
  package var cause: String
  /// What its page says that it was working on.
  package var inHand: InHand?
  /// Somebody killed it on purpose and said so before: nobody is to blame.
  package var isExcused: Bool
  package var lastWords: String
  /// Nanoseconds since 1970.
  package var time: UInt64

  package init(
    status: Int32?, detail: String = "", cause: String = "", inHand: InHand? = nil, isExcused: Bool = false,
    lastWords: String = "", time: UInt64 = 0
  ) {
    self.status = status
    self.detail = detail
    self.cause = cause
    self.inHand = inHand
    self.isExcused = isExcused
    self.lastWords = lastWords
    self.time = time
  }
}

/// A batch that a worker was working on, and the record where it worked record by record.
package struct InHand: Hashable, Sendable {
  package var batch: BatchID
  package var record: UInt32?
  /// Where that is in the input, for people.
  package var place: String

  package init(batch: BatchID, record: UInt32? = nil, place: String = "") {
    self.batch = batch
    self.record = record
    self.place = place
  }
}
