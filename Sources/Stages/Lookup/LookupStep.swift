import Expressions
import PipelineFile
import Records

/// Joins a table's record to each record by key.
final class LookupStep {
  /// Up to this many rows of a table are kept as values once they were used.
  static let cachedRows = 1 << 16

  /// A line end and the padding that readers need behind it. Never written.
  private nonisolated(unsafe) static let emptyRow: UnsafeMutableRawBufferPointer = {
    let row = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 + BatchBuffer.padding, alignment: 16)
    row.initializeMemory(as: UInt8.self, repeating: 0)
    row[0] = UInt8(ascii: "\n")
    return UnsafeMutableRawBufferPointer(rebasing: row[..<1])
  }()

  let plan: LookupPlan
  let table: LookupTable
  private let field: JQKey
  private var writer = JSONTextWriter()
  private var reader: CSVRowReader?
  private var rows: RowValue?
  private var parser = JSONParser()
  private var cache: [Int: Cached] = [:]

  private final class Cached {
    let value: JQValue

    init(_ value: consuming JQValue) { self.value = value }
  }

  init(_ plan: LookupPlan, table: LookupTable) {
    self.plan = plan
    self.table = table
    field = JQKey(plan.field)
    if let schema = table.schema {
      reader = CSVRowReader(schema: schema)
      rows = RowValue(schema: schema, fields: nil)
    }
  }

  /// The record with the joined field; nil to drop it.
  func join(
    _ record: consuming JQValue, key: borrowing JQValue
  ) throws(StepFault) -> JQValue? {
    guard record.kind == .object else {
      throw StepFault("a lookup adds a field, so each record must be an object")
    }
    let row = try find(key)
    if row == nil {
      switch plan.missing {
      case .drop: return nil
      case .null: break
      case .fail, .deadLetter:
        let text = writer.withText(of: key) { String(decoding: $0, as: UTF8.self) }
        throw StepFault(
          "\(plan.table.shown) has no record whose \(plan.tableKey) is \(text); "
            + "add it, or write 'missing: null' or 'missing: drop'", endsRun: plan.missing == .fail)
      }
    }
    var object = JQObjectBuilder(template: record)
    _ = consume record
    if let row {
      object.set(field, row.value.copy())
    } else {
      object.setNull(field)
    }
    return object.finish()
  }

  private func find(_ key: borrowing JQValue) throws(StepFault) -> Cached? {
    let found = writer.withText(of: key) { table.find($0) }
    guard let found else { return nil }
    if let cached = cache[found.place] { return cached }
    let value = Cached(try value(of: found.row))
    if table.count <= Self.cachedRows { cache[found.place] = value }
    return value
  }

  func value(of row: UnsafeRawBufferPointer) throws(StepFault) -> JQValue {
    do {
      if reader == nil { return try parser.parse(row) }
      // Without its line end an empty row, which is the one cell of a one-column table, would be none.
      reader!.start(row.isEmpty ? UnsafeRawBufferPointer(Self.emptyRow) : row)
      _ = try reader!.next()
      return try rows!.value(reader!)
    } catch {
      throw StepFault("a row of \(plan.table.shown) can't be read again: \(error)")
    }
  }
}
