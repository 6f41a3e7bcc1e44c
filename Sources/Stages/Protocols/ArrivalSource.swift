import Records

/// A source whose batches end where its input paused: their boundaries must be logged, durably, before they are
/// sent, so that a new incarnation can cut the very same ones.
///
/// `cut` is a function of the mark and of what has come by now.
package protocol ArrivalSource: StageSource {
  /// Never says `.end`: a drain ends it.
  var isEndless: Bool { get }
  /// Cuts a batch again that was cut at this mark and ended at `end`.
  ///
  /// Where its bytes are gone, says so to whoever runs the pipeline and gives a batch without records.
  func cutAgain(
    at mark: InputMark, to end: InputMark, headroom: Int, into buffer: inout BatchBuffer,
    errors: inout RecordErrors
  ) throws(StageFailure) -> CutBatch
  /// Makes the input durable up to a mark, before what was cut from it is sent.
  func keep(before mark: InputMark) throws(StageFailure)
  /// Whether ``release(before:)`` would free anything.
  func holdsUnneeded(before mark: InputMark) -> Bool
  /// What lies before a mark will never be cut again, whoever dies.
  func release(before mark: InputMark) throws(StageFailure)
}
