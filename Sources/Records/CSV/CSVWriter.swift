/// Writes rows of CSV that ``CSVRowReader`` reads back as the same values under the same schema.
///
/// Cells are appended in the order of the columns between ``beginRow()`` and ``endRow(into:)``. Text is quoted
/// only where it must be: if it holds the delimiter, a quote, CR or LF, starts or ends with a space, or would
/// be read back as null, a number or a boolean. Null is the first null marker, or nothing.
package struct CSVWriter: ~Copyable {
  private let schema: CSVSchema
  private let classifier: CSVCellClassifier
  private let null: [UInt8]
  private var column = 0

  package init(schema: CSVSchema) {
    self.schema = schema
    classifier = CSVCellClassifier(schema: schema)
    null = schema.nulls.first.map { Array($0.utf8) } ?? []
  }

  /// Appends the header row.
  package func appendHeader(into buffer: inout BatchBuffer) {
    for (index, name) in schema.columns.enumerated() {
      if index > 0 { buffer.append(schema.delimiter) }
      var name = name
      name.withUTF8 {
        let bytes = UnsafeRawBufferPointer($0)
        needsQuotes(bytes) ? appendQuoted(bytes, into: &buffer) : buffer.append(bytes)
      }
    }
    buffer.append(0x0A)
  }

  package mutating func beginRow() { column = 0 }

  package mutating func endRow(into buffer: inout BatchBuffer) {
    assert(column == schema.columns.count)
    buffer.append(0x0A)
  }

  package mutating func appendNull(into buffer: inout BatchBuffer) {
    separate(into: &buffer)
    null.withUnsafeBytes { buffer.append($0) }
  }

  /// A number or boolean, in its JSON text.
  package mutating func appendLiteral(_ text: UnsafeRawBufferPointer, into buffer: inout BatchBuffer) {
    separate(into: &buffer)
    buffer.append(text)
  }

  package mutating func appendText(
    _ text: UnsafeRawBufferPointer, into buffer: inout BatchBuffer
  ) throws(RecordFault) {
    if Bytes.first(0, in: text) != nil { throw .nulInText }
    let type = schema.types[column]
    separate(into: &buffer)
    if needsQuotes(text) || readsAsOther(text, type) {
      appendQuoted(text, into: &buffer)
    } else {
      buffer.append(text)
    }
  }

  /// JSON text of an array or object, always quoted.
  package mutating func appendNested(_ json: UnsafeRawBufferPointer, into buffer: inout BatchBuffer) {
    separate(into: &buffer)
    appendQuoted(json, into: &buffer)
  }

  private mutating func separate(into buffer: inout BatchBuffer) {
    if column > 0 { buffer.append(schema.delimiter) }
    column += 1
  }

  private func readsAsOther(_ text: UnsafeRawBufferPointer, _ type: CSVCellType?) -> Bool {
    if classifier.isNull(text) { return true }
    guard type == nil && schema.infer else { return false }
    return CSVCellClassifier.inferred(text) != .text
  }

  private func needsQuotes(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let first = text.first, let last = text.last else { return false }
    if first == 0x20 || last == 0x20 { return true }
    for byte in text where byte == schema.delimiter || byte == 0x22 || byte == 0x0A || byte == 0x0D {
      return true
    }
    return false
  }

  private func appendQuoted(_ text: UnsafeRawBufferPointer, into buffer: inout BatchBuffer) {
    buffer.append(0x22)
    var from = 0
    while let quote = Bytes.first(0x22, in: text, from: from) {
      buffer.append(text.bytes(from..<quote &+ 1))
      buffer.append(0x22)
      from = quote &+ 1
    }
    if from < text.count { buffer.append(text.bytes(from..<text.count)) }
    buffer.append(0x22)
  }
}
