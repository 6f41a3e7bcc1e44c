import Records

/// Counts what comes and keeps nothing: for measuring what stands above.
final class DiscardSink: StageSink {
  private var counts: SinkState

  /// The state holds the counts of the incarnation before.
  init(state: SinkState) { counts = state }

  func write(_ batch: BatchView, errors: inout RecordErrors) throws(StageFailure) {
    counts.records += UInt64(batch.recordCount - errors.condemned.count)
    counts.length += UInt64(batch.payload.count)
  }

  func commit(position: [UInt8]) throws(StageFailure) -> [UInt8] { counts.encoded() }

  func finish() throws(StageFailure) {}

  var summary: SinkSummary {
    SinkSummary(target: "nowhere", records: counts.records, bytes: counts.length, isDurable: false)
  }
}
