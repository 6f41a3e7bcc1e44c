import PipelineFile
import Records

/// How far an output has come: what was written, what of it is committed, and how records become bytes.
struct OutputProgress {
  private var state: SinkState
  /// Bytes of the output, committed or not.
  private(set) var written: UInt64
  private var records: UInt64
  /// Bytes of the parts before the one in hand.
  private var closedBytes: UInt64
  private let encoder: RecordEncoder

  init(_ format: FileFormat, names: InputNames, resuming state: SinkState) {
    self.state = state
    written = state.length
    records = state.records
    closedBytes = state.parts?.closedBytes ?? 0
    encoder = RecordEncoder(
      format, names: names, columns: state.columns, hasWrittenHeader: state.hasWrittenHeader)
  }

  /// Appends a batch in the output's form, without what `errors` passes over or refuses. False, and nothing is
  /// appended, if its payload has it already.
  mutating func encode(
    _ batch: BatchView, errors: inout RecordErrors, into buffer: inout BatchBuffer
  ) throws(StageFailure) -> Bool {
    let outcome = try encoder.encode(batch, errors: &errors, into: &buffer)
    records += UInt64(outcome.records)
    return !outcome.isPayload
  }

  /// Appends what an output without any record still needs.
  func finish(into buffer: inout BatchBuffer) throws(StageFailure) { try encoder.finish(into: &buffer) }

  /// Goes on in a new part, which has a header of its own.
  mutating func beginPart() {
    closedBytes += written
    written = 0
    encoder.beginFile()
  }

  mutating func wrote(_ bytes: Int) { written += UInt64(bytes) }

  /// What was written counts from now on. Returns what a new incarnation must know.
  ///
  /// `parts` are those of an output that has several; their closed bytes are filled in.
  mutating func committed(_ parts: SinkState.Parts? = nil) -> [UInt8] {
    state.parts = parts
    state.parts?.closedBytes = closedBytes
    state.length = written
    state.records = records
    state.columns = encoder.columns
    state.hasWrittenHeader = encoder.hasWrittenHeader
    return state.encoded()
  }

  func summary(of target: String, isDurable: Bool) -> SinkSummary {
    SinkSummary(
      target: target, records: records, bytes: closedBytes + written - state.base, isDurable: isDurable)
  }
}
