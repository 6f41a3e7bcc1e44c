import Records

/// What a source cut from its input.
package struct CutBatch: Sendable {
  package var format: RecordFormat
  package var framing: Framing
  /// Records that travel: those read without those refused.
  package var recordCount: Int
  /// Records that were read.
  package var taken: Int
  package var provenance: Provenance
  /// Where the next batch begins.
  package var end: InputMark
  /// The table of a `LineTableBuilder`, where refused records are missing between those that travel; empty
  /// where lines can be counted in the payload.
  package var lineTable: [UInt8] = []

  package init(
    format: RecordFormat, framing: Framing, recordCount: Int, provenance: Provenance, end: InputMark
  ) {
    self.format = format
    self.framing = framing
    self.recordCount = recordCount
    taken = recordCount
    self.provenance = provenance
    self.end = end
  }
}

/// Reads from outside and cuts batches at record boundaries.
///
/// Called by one thread. `cut` is a function of the mark alone: after a restart the same mark gives the
/// same batch, byte for byte, and a source that can't promise that says so with ``canRepeat``.
package protocol StageSource: AnyObject {
  /// False for an input that can be read only once.
  var canRepeat: Bool { get }
  /// Bytes of all input, or nil if that is not known.
  var totalBytes: UInt64? { get }
  /// Bytes of input that lie before a mark.
  func bytes(before mark: InputMark) -> UInt64
  /// Cuts the next batch.
  ///
  /// The buffer is replaced by a new one with `headroom` bytes and room for the schema before the records.
  /// Records that are no text, or no JSON, go to `errors`, and the batch is cut where it would have been; it
  /// may be left with none. Where the policy is `fail`, they are thrown, as is always what is wrong with a file
  /// as a whole: it can't be read, or has no header.
  func cut(
    at mark: InputMark, headroom: Int, into buffer: inout BatchBuffer, errors: inout RecordErrors
  ) throws(StageFailure) -> CutResult
  /// The schema of the batch that was cut last, encoded; empty where its format has none. Stable between
  /// batches of one file, so that it need not be encoded again.
  var schema: [UInt8] { get }
}

package enum CutResult: Sendable {
  case batch(CutBatch)
  /// The input is read to its end.
  case end
  /// Nothing to cut now: ask again when this descriptor is readable, or at this time (monotonic nanoseconds).
  case wait(descriptor: Int32?, until: UInt64?)
}
