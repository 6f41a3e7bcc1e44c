import Expressions
import Records

/// The reader of CSV batches with one schema.
final class ChainRows {
  let encodedSchema: [UInt8]
  var reader: CSVRowReader
  let schema: CSVSchema
  /// Made for the first row that libjq has to see.
  private var values: RowValue?

  init(encodedSchema: [UInt8], schema: CSVSchema) {
    self.encodedSchema = encodedSchema
    self.schema = schema
    reader = CSVRowReader(schema: schema)
  }

  /// The row in hand, with these fields at least.
  func value(fields: [String]?) throws(RecordError) -> JQValue {
    if values == nil { values = RowValue(schema: schema, fields: fields) }
    return try values!.value(reader)
  }
}
