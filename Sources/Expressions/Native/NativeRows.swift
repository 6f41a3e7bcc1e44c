import Records

/// Hands the rows of CSV batches of one schema to a machine.
package struct NativeRows {
  private struct Column {
    var index: Int
    var slot: Int
    /// Whether the column's type or the schema decides what a cell means, so that the classifier has to.
    var isSpecial: Bool
  }

  private let classifier: CSVCellClassifier
  private let nulls: [[UInt8]]
  private let columns: [Column]
  /// Columns that nobody reads, but whose cells must have their type.
  private let checked: [Int]

  package init(schema: CSVSchema, code: NativeCode) {
    classifier = CSVCellClassifier(schema: schema)
    nulls = schema.nulls.map { Array($0.utf8) }
    columns = code.fields.indices.compactMap { slot in
      schema.columns.firstIndex(of: code.fields[slot]).map {
        Column(index: $0, slot: slot, isSpecial: schema.types[$0] != nil || !schema.infer)
      }
    }
    checked = schema.columns.indices.filter {
      code.mayReadAll && schema.types[$0] != nil && !code.fields.contains(schema.columns[$0])
    }
  }

  /// Readies `machine` for rows of this schema.
  package func prepare(_ machine: inout NativeMachine) {
    machine.nulls = nulls
    for slot in 0..<machine.fieldCount { machine.fields[slot] = .null }
  }

  /// Takes the row on which `reader` stands; false where libjq has to judge it.
  package func load(_ reader: borrowing CSVRowReader, into machine: inout NativeMachine) -> Bool {
    machine.begin()
    for column in columns {
      let flags = reader[column.index].flags
      let bytes = reader.rawBytes(column.index)
      let value: NativeValue
      if column.isSpecial {
        guard let kind = try? classifier.kind(reader, column.index) else { return false }
        switch kind {
        case .null: value = .null
        case .number: value = NativeValue(DecimalText.value(bytes))
        case .boolean: value = NativeValue(bytes.count == 4)
        case .text: value = NativeValue(flags.contains(.doubledQuotes) ? .quotedCell : .string, bytes)
        }
      } else if flags.isEmpty {
        value = NativeValue(.cell, bytes)
      } else if flags.contains(.missing) {
        value = .null
      } else {
        value = NativeValue(flags.contains(.doubledQuotes) ? .quotedCell : .string, bytes)
      }
      machine.fields[column.slot] = value
    }
    for column in checked where (try? classifier.kind(reader, column)) == nil { return false }
    return true
  }
}
