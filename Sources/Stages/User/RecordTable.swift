import Records

/// The records of a batch by index, in the form that a program's own step asks for.
///
/// JSON texts lie where they came in; rows and lines become JSON in memory of the table, which is used again
/// for the next batch. What the table lends is valid until then. For one thread.
package final class RecordTable {
  package enum Form: Sendable {
    /// JSON texts: a CSV row is an object of its columns, a line a string.
    case json
    /// As they travel.
    case asRead
  }

  /// One record.
  package struct Entry {
    /// Its index in the batch.
    package var index: Int
    /// Its line in the input file, counted from 1.
    package var line: UInt64
    /// Where its text is, in ``text``.
    package var range: Range<Int>
    /// Where it is in the batch's payload.
    package var raw: Range<Int>
  }

  private let form: Form
  private let names: InputNames
  private var converter: CSVToJSONBox?
  private var texts = BatchBuffer(headroom: 0, capacity: 4096)
  package private(set) var entries: [Entry] = []
  /// What the ranges of the entries are ranges of.
  package private(set) var text = UnsafeRawBufferPointer(start: nil, count: 0)
  /// The batch's payload.
  package private(set) var payload = UnsafeRawBufferPointer(start: nil, count: 0)

  /// A converter for the schema that the last CSV batch had.
  private final class CSVToJSONBox {
    let encodedSchema: [UInt8]
    let schema: CSVSchema
    let toJSON: CSVToJSON

    init(encodedSchema: [UInt8], schema: CSVSchema) {
      self.encodedSchema = encodedSchema
      self.schema = schema
      toJSON = CSVToJSON(schema: schema)
    }
  }

  package init(_ form: Form, names: InputNames) {
    self.form = form
    self.names = names
  }

  /// Takes a batch, but for the condemned records; those that can't have the form go to `errors`.
  package func read(_ batch: BatchView, errors: inout RecordErrors) throws(StageFailure) {
    entries.removeAll(keepingCapacity: true)
    texts.removeAll()
    payload = batch.payload
    var run = ChainRun(batch)
    var condemned = errors.condemnedOnes
    if batch.format == .csv {
      try readRows(batch, &run, &condemned, &errors)
    } else {
      readLines(batch, &run, &condemned, &errors)
    }
    text =
      form == .asRead || batch.format == .json
      ? batch.payload : texts.withPayload { $0 }
  }

  private func readLines(
    _ batch: BatchView, _ run: inout ChainRun, _ condemned: inout CondemnedRecords,
    _ errors: inout RecordErrors
  ) {
    let quotes = form == .json && batch.format == .line
    var reader = LineReader(batch.payload, skipsBlanks: batch.format == .json)
    var index = 0
    while let raw = reader.next() {
      run.begin(payloadLine: reader.lineOffset, record: index)
      index += 1
      if condemned.contains(run.record) {
        errors.passOver(record: run.record, line: run.inputLine, bytes: batch.payload.bytes(raw))
        continue
      }
      var range = raw
      if quotes {
        let start = texts.count
        JSONString.append(batch.payload.bytes(raw), into: &texts)
        range = start..<texts.count
      }
      entries.append(Entry(index: run.record, line: run.inputLine, range: range, raw: raw))
    }
  }

  private func readRows(
    _ batch: BatchView, _ run: inout ChainRun, _ condemned: inout CondemnedRecords,
    _ errors: inout RecordErrors
  ) throws(StageFailure) {
    let box = try converter(of: batch)
    var reader = CSVRowReader(schema: box.schema)
    reader.start(batch.payload)
    while true {
      var fault: RecordError?
      do throws(RecordError) {
        guard try reader.next() else { return }
      } catch {
        fault = error
      }
      run.begin(payloadLine: reader.lineOffset, record: reader.recordIndex)
      if condemned.contains(run.record) {
        errors.passOver(record: run.record, line: run.inputLine, bytes: reader.rowBytes)
        continue
      }
      let start = texts.count
      if fault == nil, form == .json {
        do throws(RecordError) { try box.toJSON.convert(row: reader, into: &texts) } catch { fault = error }
      }
      if let fault {
        texts.truncate(to: start)
        try errors.refuse(
          record: run.record, line: run.inputLine, text: "\(fault)", bytes: reader.rowBytes,
          failure: names.failure(fault, in: batch))
        continue
      }
      // The converter ends each object with a newline.
      let range = form == .json ? start..<texts.count - 1 : reader.rowRange
      entries.append(Entry(index: run.record, line: run.inputLine, range: range, raw: reader.rowRange))
    }
  }

  private func converter(of batch: BatchView) throws(StageFailure) -> CSVToJSONBox {
    if let converter, converter.encodedSchema.elementsEqual(batch.schema) { return converter }
    do {
      let schema = try CSVSchema(decoding: batch.schema)
      let made = CSVToJSONBox(encodedSchema: Array(batch.schema), schema: schema)
      converter = made
      return made
    } catch {
      throw StageFailure("a batch's schema can't be read: \(error)")
    }
  }
}
