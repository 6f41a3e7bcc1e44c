/// Writes JSON objects as CSV rows of declared columns.
///
/// Strings are unescaped, numbers and booleans keep their text, null and missing fields become the null
/// marker, arrays and objects compact JSON text. A name that comes twice has its last value, as in jq.
package struct JSONToCSV: ~Copyable {
  private let schema: CSVSchema
  private var writer: CSVWriter
  /// The columns' names, in memory of their own: looking at them counts no references.
  private let names: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>
  /// Where each column's value stands in the record; an empty range if it has none.
  private let values: UnsafeMutablePointer<JSONMember>
  private var scratch = BatchBuffer(capacity: 256)

  package init(schema: CSVSchema) {
    self.schema = schema
    writer = CSVWriter(schema: schema)
    names = .allocate(capacity: schema.columns.count)
    for (index, column) in schema.columns.enumerated() {
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: column.utf8.count, alignment: 1)
      copy.copyBytes(from: column.utf8)
      names.initializeElement(at: index, to: UnsafeRawBufferPointer(copy))
    }
    values = .allocate(capacity: names.count)
  }

  deinit {
    for name in names { name.deallocate() }
    names.deallocate()
    values.deallocate()
  }

  package func appendHeader(into buffer: inout BatchBuffer) { writer.appendHeader(into: &buffer) }

  /// Appends `record` as a row. `index` and `line` are for the error; nothing is appended then.
  package mutating func append(
    _ record: UnsafeRawBufferPointer, index: Int, line: Int, into buffer: inout BatchBuffer
  ) throws(RecordError) {
    let start = buffer.count
    var column: String?
    do throws(RecordFault) {
      try collect(record, &column)
      writer.beginRow()
      for position in 0..<names.count {
        column = nil
        try write(values[position], of: record, into: &buffer, position, &column)
      }
      writer.endRow(into: &buffer)
    } catch {
      buffer.truncate(to: start)
      throw RecordError(error, record: index, line: line, column: column)
    }
  }

  private mutating func collect(
    _ record: UnsafeRawBufferPointer, _ column: inout String?
  ) throws(RecordFault) {
    let none = JSONMember(name: 0..<0, nameHasEscapes: false, value: 0..<0, kind: .null)
    values.initialize(repeating: none, count: names.count)
    var fields = try JSONFields(record)
    // Records of one stage have their fields in one order: the next column is the best guess.
    var guess = 0
    while let member = try fields.next() {
      guard let position = find(member, record, guess) else {
        column = name(member, record)
        throw .unknownField(known: schema.columns)
      }
      values[position] = member
      guess = position + 1
    }
  }

  private mutating func find(_ member: JSONMember, _ record: UnsafeRawBufferPointer, _ guess: Int) -> Int? {
    if member.nameHasEscapes {
      scratch.removeAll()
      JSONString.unescape(record.bytes(member.name), into: &scratch)
      return scratch.withPayload { find($0, guess) }
    }
    return find(record.bytes(member.name), guess)
  }

  private func find(_ name: UnsafeRawBufferPointer, _ guess: Int) -> Int? {
    var position = guess
    for _ in 0..<names.count {
      if position >= names.count { position = 0 }
      if Bytes.equal(names[position], name) { return position }
      position += 1
    }
    return nil
  }

  private mutating func name(_ member: JSONMember, _ record: UnsafeRawBufferPointer) -> String {
    scratch.removeAll()
    JSONString.unescape(record.bytes(member.name), into: &scratch)
    return scratch.withPayload { RecordFault.excerpt($0) }
  }

  private mutating func write(
    _ member: JSONMember, of record: UnsafeRawBufferPointer, into buffer: inout BatchBuffer,
    _ position: Int, _ column: inout String?
  ) throws(RecordFault) {
    let value = record.bytes(member.value)
    switch member.kind {
    case .null: writer.appendNull(into: &buffer)
    case .number, .boolean: writer.appendLiteral(value, into: &buffer)
    case .array, .object:
      scratch.removeAll()
      JSONCompactor.append(value, into: &scratch)
      scratch.withPayload { writer.appendNested($0, into: &buffer) }
    case .string:
      let content = record.bytes(member.stringContent)
      do throws(RecordFault) {
        guard Bytes.first(0x5C, in: content) != nil else {
          return try writer.appendText(content, into: &buffer)
        }
        scratch.removeAll()
        JSONString.unescape(content, into: &scratch)
        try scratch.withPayload { text throws(RecordFault) in try writer.appendText(text, into: &buffer) }
      } catch {
        column = schema.columns[position]
        throw error
      }
    }
  }
}
