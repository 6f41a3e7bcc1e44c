import Records

/// Writes outside, in the order in which batches are handed to it.
///
/// Called by one thread. What was written counts only once it is committed; a new incarnation is made from the
/// last committed state and discards whatever came after it.
package protocol StageSink: AnyObject {
  /// The place that this sink committed together with its data, where it keeps that by itself (a database's
  /// transaction); nil where the caller keeps it.
  var storedPosition: [UInt8]? { get }
  /// Whether ``commit(position:)`` stores the position itself.
  var keepsPosition: Bool { get }
  /// Appends the records of a batch, but for the condemned; notes those that it can't write.
  func write(_ batch: BatchView, errors: inout RecordErrors) throws(StageFailure)
  /// Makes everything written so far durable, and returns what a new incarnation needs to go on from here.
  ///
  /// `position` is what the caller knows of the same moment. Where the sink does not keep it, the caller
  /// stores both, durably, and then calls ``committed()``.
  func commit(position: [UInt8]) throws(StageFailure) -> [UInt8]
  /// The state that ``commit(position:)`` returned is durable.
  func committed() throws(StageFailure)
  /// All input has been written and committed.
  func finish() throws(StageFailure)
  /// When the sink wants to be committed although nothing is left to write, as monotonic nanoseconds; nil
  /// for never.
  var nextDeadline: UInt64? { get }
  /// What the closing table says of it.
  var summary: SinkSummary { get }
}

extension StageSink {
  package var storedPosition: [UInt8]? { nil }
  package var keepsPosition: Bool { false }
  package func committed() throws(StageFailure) {}
  package var nextDeadline: UInt64? { nil }
}

/// What a sink wrote, for people.
package struct SinkSummary: Hashable, Sendable {
  /// A path to show, or "standard output".
  package var target: String
  package var records: UInt64
  package var bytes: UInt64
  /// Whether it survives the machine's death.
  package var isDurable: Bool

  package init(target: String, records: UInt64, bytes: UInt64, isDurable: Bool) {
    self.target = target
    self.records = records
    self.bytes = bytes
    self.isDurable = isDurable
  }
}
