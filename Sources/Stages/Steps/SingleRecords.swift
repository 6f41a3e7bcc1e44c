import Records

/// Takes a batch apart into batches of one record each: for a stage that must be seen to work on one at a time.
package enum SingleRecords {
  /// Hands over the records that `errors` has not condemned, each as a batch of its own, and passes over the
  /// others. `beforeRecord` is called with the index and the input line of each right before `body`.
  package static func each(
    of batch: BatchView, errors: inout RecordErrors, beforeRecord: (Int, UInt64) -> Void,
    _ body: (_ one: BatchView, _ errors: inout RecordErrors) throws(StageFailure) -> Void
  ) throws(StageFailure) {
    let condemned = errors.condemned
    let firstRecord = errors.firstRecord
    errors.condemned = []
    try each(of: batch) { (index, one) throws(StageFailure) in
      let line = one.provenance.line
      if condemned.contains(UInt32(index)) {
        errors.passOver(record: index, line: line, bytes: .init(rebasing: one.payload.dropLast()))
        return
      }
      beforeRecord(index, line)
      errors.firstRecord = firstRecord + index
      try body(one, &errors)
    }
    errors.firstRecord = firstRecord
  }

  /// Calls `body` with each record's index and a batch that holds it alone, under its own line. A damaged row
  /// is one, too: the stage judges it.
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
