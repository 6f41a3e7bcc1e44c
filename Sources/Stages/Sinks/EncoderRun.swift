import Records

/// Where an encoder stands in a batch.
struct EncoderRun {
  let batch: BatchView
  private let names: InputNames
  private var condemned: CondemnedRecords
  private var lines: RecordLines
  private var reader: LineReader
  /// Records that were appended.
  var written = 0
  /// Index of the record in hand.
  private(set) var index = -1
  /// Lines between the start of the payload and the record in hand.
  private(set) var payloadLine = 0

  init(_ batch: BatchView, names: InputNames, condemned: CondemnedRecords) {
    self.batch = batch
    self.names = names
    self.condemned = condemned
    lines = RecordLines(batch)
    reader = LineReader(batch.payload, skipsBlanks: batch.format == .json)
  }

  /// The next line that is not condemned, of a batch whose records are lines.
  mutating func next(_ errors: inout RecordErrors) -> UnsafeRawBufferPointer? {
    while let range = reader.next() {
      let record = batch.payload.bytes(range)
      index += 1
      payloadLine = reader.lineOffset
      if !passesOver(record, &errors) { return record }
    }
    return nil
  }

  /// Reads the next row that is not condemned and can be read; false at the end.
  mutating func next(
    _ reader: inout CSVRowReader, _ errors: inout RecordErrors
  ) throws(StageFailure) -> Bool {
    while true {
      var fault: RecordError?
      do {
        guard try reader.next() else { return false }
      } catch {
        fault = error
      }
      index = reader.recordIndex
      payloadLine = reader.lineOffset
      if passesOver(reader.rowBytes, &errors) { continue }
      guard let fault else { return true }
      try refuse(fault, reader.rowBytes, &errors)
    }
  }

  /// Hands the record in hand to `errors`.
  mutating func refuse(
    _ fault: RecordError, _ record: UnsafeRawBufferPointer, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    try refuse(fault, record, line: payloadLine, &errors)
  }

  /// Hands a record that starts at `line` of the payload to `errors`.
  mutating func refuse(
    _ fault: RecordError, _ record: UnsafeRawBufferPointer, line: Int, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    try errors.refuse(
      record: fault.record, line: lines.line(of: fault.record, payloadLine: line), text: "\(fault)",
      bytes: record, failure: names.failure(fault, in: batch))
  }

  private mutating func passesOver(
    _ record: UnsafeRawBufferPointer, _ errors: inout RecordErrors
  ) -> Bool {
    guard condemned.contains(index) else { return false }
    errors.passOver(
      record: index, line: lines.line(of: index, payloadLine: payloadLine), bytes: record)
    return true
  }
}
