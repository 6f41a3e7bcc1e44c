import Expressions
import PipelineFile
import Records

/// Finds the hash of a record's key. A key that is a plain field is read off the record's bytes; any other goes
/// through libjq. For one thread.
final class RecordKey {
  private let field: [UInt8]?
  private let name: String?
  private let program: Program
  private var parser = JSONParser()
  private var writer = JSONTextWriter(sortsKeys: true)
  private var scratch = BatchBuffer(headroom: 0, capacity: 256)
  private var rows: ChainRows?
  private var classifier: CSVCellClassifier?
  /// The column of a plain field, where the rows have it.
  private var column: Int?

  init(_ plan: JQPlan, variables: [Plan.Variable]) throws(StageFailure) {
    program = try Program(plan, variables: variables)
    if case .field(let name, _) = try LookupKey(plan, variables: variables) {
      self.name = name
      field = Array(name.utf8)
    } else {
      name = nil
      field = nil
    }
  }

  /// The reader of a batch's rows, ready for ``hash(of:)-rows``.
  func rows(of batch: BatchView) throws(StageFailure) -> ChainRows {
    if let rows, rows.encodedSchema.elementsEqual(batch.schema) { return rows }
    do {
      let schema = try CSVSchema(decoding: batch.schema)
      let made = ChainRows(encodedSchema: Array(batch.schema), schema: schema)
      classifier = CSVCellClassifier(schema: schema)
      column = name.flatMap { schema.columns.firstIndex(of: $0) }
      rows = made
      return made
    } catch {
      throw StageFailure("a batch's schema can't be read: \(error)")
    }
  }

  /// The hash of the key of the row in hand.
  func hash(of rows: ChainRows) throws(StepFault) -> UInt64 {
    guard field != nil else {
      let value: JQValue
      do {
        value = try rows.value(fields: program.compiled.topLevelFields)
      } catch { throw StepFault("\(error)") }
      return try hash(of: value)
    }
    guard let column else { return KeyHash.null }
    do {
      switch try classifier!.kind(rows.reader, column) {
      case .null: return KeyHash.null
      case .number: return KeyHash.of(DecimalText.value(rows.reader.rawBytes(column)))
      case .boolean: return KeyHash.of(rows.reader.rawBytes(column).count == 4)
      case .text:
        guard rows.reader[column].flags.contains(.doubledQuotes) else {
          return KeyHash.of(string: rows.reader.rawBytes(column))
        }
        scratch.removeAll()
        rows.reader.appendText(column, into: &scratch)
        return scratch.withPayload { KeyHash.of(string: $0) }
      }
    } catch { throw StepFault("\(error)") }
  }

  /// The hash of the key of a JSON record or of a line of text.
  func hash(of record: UnsafeRawBufferPointer, isJSON: Bool) throws(StepFault) -> UInt64 {
    guard isJSON else { return try hash(of: .string(record)) }
    if let field, let hash = hash(of: field, in: record) { return hash }
    let value: JQValue
    do { value = try parser.parse(record) } catch { throw StepFault("\(error)") }
    return try hash(of: value)
  }

  /// Nil where libjq has to judge the record.
  private func hash(of field: [UInt8], in record: UnsafeRawBufferPointer) -> UInt64? {
    var found: JSONMember?
    do {
      var members = try JSONFields(record)
      while let member = try members.next() {
        if isNamed(field, member, record) { found = member }
      }
    } catch { return nil }
    guard let found else { return KeyHash.null }
    let value = record.bytes(found.value)
    switch found.kind {
    case .null: return KeyHash.null
    case .boolean: return KeyHash.of(value.count == 4)
    case .number: return KeyHash.of(DecimalText.value(value))
    case .string:
      let content = record.bytes(found.stringContent)
      guard content.contains(UInt8(ascii: "\\")) else { return KeyHash.of(string: content) }
      scratch.removeAll()
      JSONString.unescape(content, into: &scratch)
      return scratch.withPayload { KeyHash.of(string: $0) }
    case .array, .object:
      do {
        let nested = try parser.parse(value)
        return writer.withText(of: nested) { KeyHash.of(nested: $0) }
      } catch { return nil }
    }
  }

  private func isNamed(
    _ field: [UInt8], _ member: JSONMember, _ record: UnsafeRawBufferPointer
  ) -> Bool {
    let name = record.bytes(member.name)
    guard member.nameHasEscapes else { return name.count == field.count && name.elementsEqual(field) }
    scratch.removeAll()
    JSONString.unescape(name, into: &scratch)
    return scratch.withPayload { $0.elementsEqual(field) }
  }

  /// The hash of what the program makes of a record.
  private func hash(of record: consuming JQValue) throws(StepFault) -> UInt64 {
    program.compiled.start(record)
    let result: JQValue?
    do { result = try program.compiled.next() } catch { throw StepFault("\(error)") }
    guard let key = result else { throw StepFault("the key has no value; give one, or null") }
    switch key.kind {
    case .null: return KeyHash.null
    case .bool: return KeyHash.of(key.isTrue)
    case .number: return KeyHash.of(key.number ?? 0)
    case .string: return key.withString { KeyHash.of(string: $0) } ?? KeyHash.null
    case .array, .object: return writer.withText(of: key) { KeyHash.of(nested: $0) }
    }
  }
}
