/// Where a cutter would end a batch: behind the last complete record of a buffer.
package struct RecordCut: Equatable, Sendable {
  /// Bytes of the complete records, line ends and skipped blank lines included.
  package var length: Int
  package var records: Int
  /// Physical lines, blank ones and those inside quotes included.
  package var lines: Int
  /// The input ended without a last newline: append one before the batch travels.
  package var lacksNewline: Bool

  package init(length: Int, records: Int, lines: Int, lacksNewline: Bool = false) {
    self.length = length
    self.records = records
    self.lines = lines
    self.lacksNewline = lacksNewline
  }
}
