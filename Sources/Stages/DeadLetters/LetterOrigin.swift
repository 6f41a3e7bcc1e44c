import Records

/// Where the records of a batch of letters come from: what the batch that carries them knows.
package struct LetterOrigin: Hashable, Sendable {
  /// The run in which they fell out.
  package var run: UInt64
  /// The stage that gave them up, which is where they can be put back in.
  package var stage: String
  /// The stage and the slot that numbered their batch.
  package var origin: String
  package var slot: UInt16
  package var sequence: UInt64
  /// The path of their batch to the stage.
  package var branch: UInt64
  package var format: RecordFormat
  /// Encoded `CSVSchema` where the format is CSV, else empty.
  package var schema: [UInt8]
  /// The input file's name as users know it.
  package var file: String

  package init(
    run: UInt64, stage: String, origin: String, slot: UInt16, sequence: UInt64, branch: UInt64,
    format: RecordFormat, schema: [UInt8] = [], file: String
  ) {
    self.run = run
    self.stage = stage
    self.origin = origin
    self.slot = slot
    self.sequence = sequence
    self.branch = branch
    self.format = format
    self.schema = schema
    self.file = file
  }
}
