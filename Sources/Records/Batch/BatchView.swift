/// A batch as it lies in its message: borrowed, valid only during the call that hands it out.
package struct BatchView {
  package var format: RecordFormat
  package var framing: Framing
  package var recordCount: Int
  /// Encoded `CSVSchema` where the format is CSV, else empty.
  package var schema: UnsafeRawBufferPointer
  /// The records; at least `BatchBuffer.padding` readable bytes follow.
  package var payload: UnsafeRawBufferPointer
  package var provenance: Provenance
  /// The stage that read the records, whose list of files `provenance.file` is an index of.
  package var originStage: UInt16
  /// Empty, or a line table: record -> lines after `provenance.line`. Empty means that the records are
  /// those of the source, so that lines can be counted in the payload.
  package var lineTable: UnsafeRawBufferPointer

  package init(
    format: RecordFormat, framing: Framing, recordCount: Int, schema: UnsafeRawBufferPointer,
    payload: UnsafeRawBufferPointer, provenance: Provenance, originStage: UInt16,
    lineTable: UnsafeRawBufferPointer
  ) {
    self.format = format
    self.framing = framing
    self.recordCount = recordCount
    self.schema = schema
    self.payload = payload
    self.provenance = provenance
    self.originStage = originStage
    self.lineTable = lineTable
  }
}
