import PipelineFile
import Records

/// The columns that a first record asks for.
enum SQLiteColumns {
  /// One for each field, in its order, of the type of its value. A null tells nothing: any type.
  static func guessed(from record: UnsafeRawBufferPointer) throws(RecordFault) -> [SQLiteTarget.Column] {
    var columns: [SQLiteTarget.Column] = []
    var scratch = BatchBuffer(headroom: 0, capacity: 64)
    var fields = try JSONFields(record)
    while let member = try fields.next() {
      scratch.removeAll()
      JSONString.unescape(record.bytes(member.name), into: &scratch)
      let name = scratch.withPayload { String(decoding: $0, as: UTF8.self) }
      let column = SQLiteTarget.Column(name: name, type: type(of: member, record.bytes(member.value)))
      // A name that comes twice is one field with its last value, as in jq.
      if let position = columns.firstIndex(where: { $0.name == name }) {
        columns[position] = column
      } else {
        columns.append(column)
      }
    }
    return columns
  }

  private static func type(of member: JSONMember, _ value: UnsafeRawBufferPointer) -> SQLiteTarget.ColumnType
  {
    switch member.kind {
    case .null: .any
    case .boolean: .integer
    case .number: SQLiteRowWriter.integer(value) == nil ? .real : .integer
    case .string, .array, .object: .text
    }
  }
}
