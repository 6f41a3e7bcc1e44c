import Records

/// Finds the input lines of some records of a batch, asked for in ascending order.
struct RecordLines {
  private let base: UInt64
  private let hasTable: Bool
  private var table: LineTableReader
  /// Entries of the table that were read, and the last of them.
  private var read = 0
  private var offset = 0

  init(_ batch: BatchView) {
    base = batch.provenance.line
    hasTable = !batch.lineTable.isEmpty
    table = LineTableReader(batch.lineTable)
  }

  /// The line in the input file, counted from 1, of a record that starts at `payloadLine` of the payload.
  mutating func line(of record: Int, payloadLine: Int) -> UInt64 {
    guard hasTable else { return base + UInt64(payloadLine) }
    while read <= record, let next = table.next() {
      offset = next
      read += 1
    }
    return base + UInt64(offset)
  }
}
