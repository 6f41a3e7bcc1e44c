import Records

/// Takes a batch apart into batches of one record each: for a sink that must be seen to work on one at a time.
package enum SingleRecords {
  /// Calls `body` with each record's index and a batch that holds it alone, under its own line. A damaged row
  /// is one, too: the sink judges it.
  package static func each(
    of batch: BatchView, _ body: (_ index: Int, _ one: BatchView) throws(StageFailure) -> Void
  ) throws(StageFailure) {
    var run = ChainRun(batch)
    var buffer = BatchBuffer(headroom: 0, capacity: 4096)
    func pass(_ record: UnsafeRawBufferPointer) throws(StageFailure) {
      buffer.removeAll()
      buffer.append(record)
      buffer.append(UInt8(ascii: "\n"))
      try buffer.withPayload { (bytes) throws(StageFailure) in
        var one = batch
        one.recordCount = 1
        one.payload = bytes
        one.provenance.line = run.inputLine
        one.lineTable = UnsafeRawBufferPointer(start: nil, count: 0)
        try body(run.record, one)
      }
    }
    guard batch.format == .csv else {
      var reader = LineReader(batch.payload, skipsBlanks: batch.format == .json)
      var index = 0
      while let range = reader.next() {
        run.begin(payloadLine: reader.lineOffset, record: index)
        index += 1
        try pass(batch.payload.bytes(range))
      }
      return
    }
    var reader: CSVRowReader
    do {
      reader = CSVRowReader(schema: try CSVSchema(decoding: batch.schema))
    } catch {
      throw StageFailure("a batch's schema can't be read: \(error)")
    }
    reader.start(batch.payload)
    while (try? reader.next()) ?? true {
      run.begin(payloadLine: reader.lineOffset, record: reader.recordIndex)
      try pass(reader.rowBytes)
    }
  }
}
