/// What the rows of a CSV batch mean: columns, delimiter, null markers and types.
///
/// Travels in every batch's message in the form of ``encode()``. Built once per file; errors name the column.
package struct CSVSchema: Equatable, Sendable {
  package var columns: [String]
  package var delimiter: UInt8
  /// Texts of unquoted cells that mean null.
  package var nulls: [String]
  /// Whether cells that read as numbers or booleans are such; otherwise all but overridden columns are text.
  package var infer: Bool
  /// One per column; nil where the cells decide.
  package var types: [CSVCellType?]
  package var ragged: CSVRagged

  package init(
    columns: [String], delimiter: UInt8 = 0x2C, nulls: [String] = [""], infer: Bool = true,
    types: [CSVCellType?]? = nil, ragged: CSVRagged = .fail
  ) throws(CSVSchemaError) {
    self.columns = columns
    self.delimiter = delimiter
    self.nulls = nulls
    self.infer = infer
    self.types = types ?? Array(repeating: nil, count: columns.count)
    self.ragged = ragged
    try check()
  }

  /// Whether a byte can stand between cells: it must not be part of numbers, names, quoting or line ends.
  private static func canDelimit(_ byte: UInt8) -> Bool {
    switch byte {
    case 0, 0x0A, 0x0D, 0x22, 0x2B, 0x2D, 0x2E, 0x5C, 0x80...: false
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: false
    default: true
    }
  }

  private func check() throws(CSVSchemaError) {
    if columns.isEmpty { throw .noColumns }
    if types.count != columns.count { throw .typesDoNotMatch(columns: columns.count, types: types.count) }
    if !Self.canDelimit(delimiter) { throw .badDelimiter(delimiter) }
    var positions: [String: Int] = [:]
    for (position, name) in columns.enumerated() {
      if name.isEmpty { throw .emptyColumn(position: position + 1) }
      if let first = positions.updateValue(position + 1, forKey: name) {
        throw .doubledColumn(name: name, first: first, second: position + 1)
      }
    }
    for null in nulls where null.utf8.contains(where: { [0, 0x0A, 0x0D, 0x22, delimiter].contains($0) }) {
      throw .badNullMarker(null)
    }
  }
}

/// The type that a column's cells must have. The raw values travel in schemas.
package enum CSVCellType: UInt8, Sendable {
  /// Every cell is text, quoted or not; null markers still are null.
  case text = 1
  /// Every cell is a number or null.
  case number = 2
  /// Every cell is `true`, `false` or null.
  case boolean = 3
}

/// What to do with a row of more or fewer cells than there are columns. The raw values travel in schemas.
package enum CSVRagged: UInt8, Sendable {
  case fail = 0
  /// Missing cells are null; further cells are dropped if all are empty, and an error otherwise.
  case pad = 1
}

/// Why columns and options make no schema. Positions count from 1.
package enum CSVSchemaError: Error, Equatable, Sendable, CustomStringConvertible {
  case noColumns
  case emptyColumn(position: Int)
  case doubledColumn(name: String, first: Int, second: Int)
  case typesDoNotMatch(columns: Int, types: Int)
  case badDelimiter(UInt8)
  case badNullMarker(String)
  case unknownVersion(UInt8)
  /// Encoded bytes that end early or hold what no schema has.
  case damaged

  package var description: String {
    switch self {
    case .noColumns: "there are no columns; name at least one"
    case .emptyColumn(let position): "column \(position) has no name; name it in the header"
    case .doubledColumn(let name, let first, let second):
      "columns \(first) and \(second) are both named '\(name)'; rename one"
    case .typesDoNotMatch(let columns, let types): "\(types) types for \(columns) columns"
    case .badDelimiter(let byte):
      "\(RecordFault.name(of: byte)) cannot be the delimiter; use an ASCII character such as , ; | or a tab"
    case .badNullMarker(let text):
      "null marker '\(text)' can never be an unquoted cell; it must hold no delimiter, quote or newline"
    case .unknownVersion(let version):
      "CSV schema of version \(version), this build knows \(CSVSchema.version); run one build throughout"
    case .damaged: "the batch's CSV schema is damaged"
    }
  }
}
