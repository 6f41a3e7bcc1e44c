import Glibc
import PipelineFile
import Records
import SQLite

/// Puts JSON objects into a table as rows; nothing is allocated for one.
///
/// Numbers without fraction and exponent become integers where they fit in 64 bits, other numbers reals,
/// booleans 1 and 0, arrays and objects compact JSON text. In a column of text a number keeps its digits.
/// A name that comes twice has its last value, as in jq.
final class SQLiteRowWriter {
  /// Why a record is no row: to be refused with this text, or, where the database is to blame, the end.
  enum Problem: Error {
    case refused(String)
    case failed(SQLiteError)
  }

  private let table: SQLiteTable
  private let key: [Int]
  private let insertion: Statement
  /// The columns' names, in memory of their own: looking at them counts no references.
  private let names: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>
  private let values: UnsafeMutableBufferPointer<JSONMember?>
  private let holdsText: UnsafeMutableBufferPointer<Bool>
  /// Texts of the row in hand that do not stand in the record as they are.
  private var scratch = BatchBuffer(headroom: 0, capacity: 4096)

  init(_ table: SQLiteTable, key: [String], in database: Database) throws(SQLiteError) {
    self.table = table
    self.key = key.compactMap { name in table.columns.firstIndex { $0.name == name } }
    insertion = try table.insertion(key: key, in: database)
    names = .allocate(capacity: table.columns.count)
    values = .allocate(capacity: table.columns.count)
    holdsText = .allocate(capacity: table.columns.count)
    for (index, column) in table.columns.enumerated() {
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: column.name.utf8.count, alignment: 1)
      copy.copyBytes(from: column.name.utf8)
      names.initializeElement(at: index, to: UnsafeRawBufferPointer(copy))
      holdsText.initializeElement(at: index, to: column.holdsText)
    }
  }

  deinit {
    for name in names { name.deallocate() }
    names.deallocate()
    values.deallocate()
    holdsText.deallocate()
  }

  /// Writes a row. Nothing of a record that is refused is written.
  func write(_ record: UnsafeRawBufferPointer) throws(Problem) {
    try collect(record)
    for column in key where values[column]?.kind ?? .null == .null {
      throw .refused(
        "column '\(table.columns[column].name)' is the table's key and has no value; give it one")
    }
    scratch.removeAll()
    // No text is longer than it stands in the record: what was appended for one column stays where it is.
    scratch.reserve(record.count)
    do throws(SQLiteError) {
      for column in 0..<values.count { try bind(values[column], of: record, to: column) }
      try insertion.run()
    } catch {
      guard error.isAboutValues else { throw .failed(error) }
      throw .refused("the table does not take it: \(error.message) (\(error.name))")
    }
  }

  private func collect(_ record: UnsafeRawBufferPointer) throws(Problem) {
    values.initialize(repeating: nil)
    do throws(RecordFault) {
      var fields = try JSONFields(record)
      // Records of one stage have their fields in one order: the next column is the best guess.
      var guess = 0
      while let member = try fields.next() {
        guard let column = find(member, record, guess) else { throw .unknownField(known: []) }
        values[column] = member
        guess = column &+ 1
      }
    } catch .unknownField {
      throw .refused(unknownField(in: record))
    } catch {
      throw .refused(error.description)
    }
  }

  private func find(_ member: JSONMember, _ record: UnsafeRawBufferPointer, _ guess: Int) -> Int? {
    guard member.nameHasEscapes else { return find(record.bytes(member.name), guess) }
    scratch.removeAll()
    JSONString.unescape(record.bytes(member.name), into: &scratch)
    return scratch.withPayload { find($0, guess) }
  }

  @inline(__always)
  private func find(_ name: UnsafeRawBufferPointer, _ guess: Int) -> Int? {
    var column = guess
    for _ in 0..<names.count {
      if column >= names.count { column = 0 }
      let known = names[column]
      if known.count == name.count
        && (name.isEmpty || memcmp(known.baseAddress!, name.baseAddress!, name.count) == 0)
      {
        return column
      }
      column &+= 1
    }
    return nil
  }

  /// Says which field no column takes; walks over the record once more.
  private func unknownField(in record: UnsafeRawBufferPointer) -> String {
    let fault = RecordFault.unknownField(known: table.columns.map(\.name))
    guard var fields = try? JSONFields(record) else { return fault.description }
    while let member = try? fields.next() {
      if find(member, record, 0) != nil { continue }
      scratch.removeAll()
      JSONString.unescape(record.bytes(member.name), into: &scratch)
      let name = scratch.withPayload { String(decoding: $0.prefix(RecordFault.excerptLimit), as: UTF8.self) }
      return RecordError(fault, record: 0, line: 0, column: name).description
    }
    return fault.description
  }

  @inline(__always)
  private func bind(
    _ member: JSONMember?, of record: UnsafeRawBufferPointer, to column: Int
  ) throws(SQLiteError) {
    let parameter = column &+ 1
    guard let member else { return try insertion.bindNull(parameter) }
    let value = record.bytes(member.value)
    switch member.kind {
    case .null: try insertion.bindNull(parameter)
    case .boolean: try insertion.bind(parameter, Int64(value[0] == UInt8(ascii: "t") ? 1 : 0))
    case .number where holdsText[column]:
      try insertion.bind(parameter, borrowingText: value)
    case .number:
      if let integer = Self.integer(value) {
        try insertion.bind(parameter, integer)
      } else {
        // What follows a number in a record is never part of one, and zeros follow the last record.
        try insertion.bind(parameter, strtod(value.baseAddress!, nil))
      }
    case .array, .object:
      let start = scratch.count
      JSONCompactor.append(value, into: &scratch)
      try insertion.bind(parameter, borrowingText: scratchText(from: start))
    case .string:
      let content = record.bytes(member.stringContent)
      if content.isEmpty || memchr(content.baseAddress!, 0x5C, content.count) == nil {
        try insertion.bind(parameter, borrowingText: content)
      } else {
        let start = scratch.count
        JSONString.unescape(content, into: &scratch)
        try insertion.bind(parameter, borrowingText: scratchText(from: start))
      }
    }
  }

  /// What was appended last; it stays where it is until the next row.
  private func scratchText(from start: Int) -> UnsafeRawBufferPointer {
    scratch.withPayload { UnsafeRawBufferPointer(rebasing: $0[start...]) }
  }

  /// The number as an integer, or nil where it has a fraction or an exponent or does not fit.
  @inline(__always)
  static func integer(_ text: UnsafeRawBufferPointer) -> Int64? {
    var index = text.first == UInt8(ascii: "-") ? 1 : 0
    let isNegative = index == 1
    var value: Int64 = 0
    while index < text.count {
      let digit = text[index] &- 0x30
      guard digit < 10 else { return nil }
      let (tens, over) = value.multipliedReportingOverflow(by: 10)
      let (sum, beyond) =
        isNegative
        ? tens.subtractingReportingOverflow(Int64(digit)) : tens.addingReportingOverflow(Int64(digit))
      if over || beyond { return nil }
      value = sum
      index &+= 1
    }
    return value
  }
}
