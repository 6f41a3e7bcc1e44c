import Records

/// Where a chain stands in a batch.
struct ChainRun {
  let batch: BatchView
  private var lineTable: LineTableReader
  private(set) var record = 0
  /// Lines between the batch's first line in its file and the record's.
  private(set) var line = 0
  /// Records that led to no output by the programs' will.
  var filtered = 0

  init(_ batch: BatchView) {
    self.batch = batch
    lineTable = LineTableReader(batch.lineTable)
  }

  /// The record's line in its file, counted from 1.
  var inputLine: UInt64 { batch.provenance.line + UInt64(line) }

  /// Goes on to a record that starts at this line of the payload.
  @inline(__always)
  mutating func begin(payloadLine: Int, record: Int) {
    self.record = record
    line = batch.lineTable.isEmpty ? payloadLine : lineTable.next() ?? payloadLine
  }
}

/// The buffer and the line table of a chain's output as they were before a record.
struct ChainMark {
  let byteCount: Int
  let lines: LineTableBuilder.Mark

  init(_ buffer: borrowing BatchBuffer, _ lines: borrowing LineTableBuilder) {
    byteCount = buffer.count
    self.lines = lines.mark
  }
}
