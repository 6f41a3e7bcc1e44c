import Records

/// Writes outside, in the order in which batches are handed to it.
///
/// Called by one thread. What was written counts only once ``commit()``'s state is stored by the caller;
/// a new incarnation is made from that state and discards whatever came after it.
package protocol StageSink: AnyObject {
  /// Appends the records of a batch.
  func write(_ batch: BatchView) throws(StageFailure)
  /// Makes everything written so far visible, and returns what a new incarnation needs to go on from here.
  func commit() throws(StageFailure) -> [UInt8]
  /// All input has been written and committed.
  func finish() throws(StageFailure)
  /// What the closing table says of it.
  var summary: (target: String, records: UInt64, bytes: UInt64) { get }
}
