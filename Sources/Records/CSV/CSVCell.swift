/// What a cell means.
package enum CSVCellKind: Equatable, Sendable {
  case null
  case number
  /// `true` or `false`.
  case boolean
  case text
}

/// Decides what cells mean, by the schema's null markers, types and `infer`.
///
/// - A null marker matches unquoted cells only; so does a missing cell of a padded row.
/// - A quoted cell is text, unless its column's type says otherwise.
/// - An unquoted cell is a number if it is one by JSON's grammar and finite as a `Double`: `007`, `+1`, `1.`,
///   `.5`, `1e400` and `NaN` are text. It is a boolean if it is `true` or `false`.
/// - In a column with a type, a cell that is neither of it nor null is an error.
package struct CSVCellClassifier: Sendable {
  private let schema: CSVSchema
  private let nulls: [[UInt8]]

  package init(schema: CSVSchema) {
    self.schema = schema
    nulls = schema.nulls.map { Array($0.utf8) }
  }

  /// Classifies a cell of the row on which `reader` stands.
  package func kind(_ reader: borrowing CSVRowReader, _ column: Int) throws(RecordError) -> CSVCellKind {
    let flags = reader[column].flags
    let bytes = reader.rawBytes(column)
    do throws(RecordFault) {
      return try kind(bytes, flags: flags, type: schema.types[column])
    } catch {
      throw RecordError(
        error, record: reader.recordIndex, line: reader.lineOffset, column: schema.columns[column])
    }
  }

  func kind(
    _ bytes: UnsafeRawBufferPointer, flags: CSVCellFlags, type: CSVCellType?
  ) throws(RecordFault) -> CSVCellKind {
    let isQuoted = flags.contains(.quoted)
    if flags.contains(.missing) || (!isQuoted && isNull(bytes)) { return .null }
    switch type {
    case .text: return .text
    case .number:
      guard JSONNumber.isFinite(bytes) else { throw .notANumber(cell: RecordFault.excerpt(bytes)) }
      return .number
    case .boolean:
      guard Self.isBoolean(bytes) else { throw .notABoolean(cell: RecordFault.excerpt(bytes)) }
      return .boolean
    case nil:
      guard schema.infer && !isQuoted else { return .text }
      return Self.inferred(bytes)
    }
  }

  package func isNull(_ bytes: UnsafeRawBufferPointer) -> Bool {
    for null in nulls where null.count == bytes.count {
      if null.withUnsafeBytes({ Bytes.equal($0, bytes) }) { return true }
    }
    return false
  }

  static func inferred(_ bytes: UnsafeRawBufferPointer) -> CSVCellKind {
    if JSONNumber.isFinite(bytes) { return .number }
    return isBoolean(bytes) ? .boolean : .text
  }

  /// Whether the bytes are `true` or `false`.
  @inline(__always)
  static func isBoolean(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count == 4 || bytes.count == 5 else { return false }
    let word = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
    return bytes.count == 4 ? word == 0x6575_7274 : word == 0x736C_6166 && bytes[4] == 0x65
  }
}

extension RecordFault: Error {}
