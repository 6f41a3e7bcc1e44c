import Expressions
import Records

/// Makes jq values of CSV rows: objects of the columns that somebody reads.
struct RowValue: ~Copyable {
  let schema: CSVSchema
  private let classifier: CSVCellClassifier
  private let keys: [JQKey]
  /// Positions of the columns to build, ascending.
  private let wanted: [Int]
  private var scratch = BatchBuffer(headroom: 0, capacity: 1024)

  /// `fields`: the columns that matter, nil for all.
  init(schema: CSVSchema, fields: [String]?) {
    self.schema = schema
    classifier = CSVCellClassifier(schema: schema)
    keys = schema.columns.map { JQKey($0) }
    wanted = schema.columns.indices.filter { fields == nil || fields!.contains(schema.columns[$0]) }
  }

  /// The row on which the reader stands. Cells that break their column's type are an error, wanted or not.
  mutating func value(_ reader: borrowing CSVRowReader) throws(RecordError) -> JQValue {
    var object = JQObjectBuilder()
    for column in wanted { try set(column, reader, &object) }
    return object.finish()
  }

  /// One column's value.
  mutating func value(
    of column: Int, _ reader: borrowing CSVRowReader
  ) throws(RecordError) -> JQValue {
    let bytes = reader.rawBytes(column)
    switch try classifier.kind(reader, column) {
    case .null: return .null()
    case .number: return .number(DecimalText.value(bytes))
    case .boolean: return .bool(bytes.count == 4)
    case .text:
      if !reader[column].flags.contains(.doubledQuotes) { return .string(bytes) }
      scratch.removeAll()
      reader.appendText(column, into: &scratch)
      return scratch.withPayload { .string($0) }
    }
  }

  private mutating func set(
    _ column: Int, _ reader: borrowing CSVRowReader, _ object: inout JQObjectBuilder
  ) throws(RecordError) {
    let bytes = reader.rawBytes(column)
    switch try classifier.kind(reader, column) {
    case .null: object.setNull(keys[column])
    case .number: object.set(keys[column], DecimalText.value(bytes))
    case .boolean: object.set(keys[column], bytes.count == 4)
    case .text:
      if !reader[column].flags.contains(.doubledQuotes) {
        object.set(keys[column], string: bytes)
      } else {
        scratch.removeAll()
        reader.appendText(column, into: &scratch)
        scratch.withPayload { object.set(keys[column], string: $0) }
      }
    }
  }
}
