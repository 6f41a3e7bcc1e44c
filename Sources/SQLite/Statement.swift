import CSQLite

/// A compiled statement: bind, step through its rows, reset, and again. Allocates nothing for a row by itself.
///
/// Parameters count from 1 and columns from 0, as in SQLite. A class because sinks keep several of them.
package final class Statement {
  private let database: Database
  private let handle: OpaquePointer
  private let sql: String

  init(_ handle: OpaquePointer, of database: Database, sql: String) {
    self.handle = handle
    self.database = database
    self.sql = sql
  }

  deinit { sqlite3_finalize(handle) }

  package func bindNull(_ parameter: Int) throws(SQLiteError) {
    try check(sqlite3_bind_null(handle, Int32(parameter)))
  }

  package func bind(_ parameter: Int, _ value: Int64) throws(SQLiteError) {
    try check(sqlite3_bind_int64(handle, Int32(parameter), value))
  }

  package func bind(_ parameter: Int, _ value: Double) throws(SQLiteError) {
    try check(sqlite3_bind_double(handle, Int32(parameter), value))
  }

  /// Binds UTF-8 that is not copied: it must stay where it is until the statement is reset.
  package func bind(_ parameter: Int, borrowingText text: UnsafeRawBufferPointer) throws(SQLiteError) {
    // Without an address SQLite takes an empty text for NULL.
    let start = (text.baseAddress ?? Self.nothing).assumingMemoryBound(to: CChar.self)
    try check(
      sqlite3_bind_text64(handle, Int32(parameter), start, UInt64(text.count), nil, UInt8(SQLITE_UTF8)))
  }

  /// Binds a text, copied.
  package func bind(_ parameter: Int, _ text: String) throws(SQLiteError) {
    var text = text
    let code = text.withUTF8 { bytes in
      let start = UnsafeRawPointer(bytes.baseAddress) ?? Self.nothing
      return sqlite3_bind_text64(
        handle, Int32(parameter), start.assumingMemoryBound(to: CChar.self), UInt64(bytes.count),
        Self.copied, UInt8(SQLITE_UTF8))
    }
    try check(code)
  }

  /// Binds a blob, copied.
  package func bind(_ parameter: Int, _ blob: [UInt8]) throws(SQLiteError) {
    let code = blob.withUnsafeBytes { bytes in
      sqlite3_bind_blob64(
        handle, Int32(parameter), bytes.baseAddress ?? Self.nothing, UInt64(bytes.count), Self.copied)
    }
    try check(code)
  }

  /// Binds a blob that is not copied: it must stay where it is until the statement is reset.
  package func bind(_ parameter: Int, borrowingBlob blob: UnsafeRawBufferPointer) throws(SQLiteError) {
    // Without an address SQLite takes an empty blob for NULL.
    let start = blob.baseAddress ?? Self.nothing
    try check(sqlite3_bind_blob64(handle, Int32(parameter), start, UInt64(blob.count), nil))
  }

  /// Goes to the next row; false at the end. An error resets the statement.
  package func step() throws(SQLiteError) -> Bool {
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    if code == SQLITE_DONE { return false }
    let error = database.lastError(sql)
    sqlite3_reset(handle)
    throw error
  }

  /// Runs the statement to its end and resets it; what was bound stays bound.
  package func run() throws(SQLiteError) {
    while try step() {}
    sqlite3_reset(handle)
  }

  /// Ends the rows; what was bound stays bound, so what was borrowed must be bound anew before the next step.
  package func reset() { sqlite3_reset(handle) }

  package var columnCount: Int { Int(sqlite3_column_count(handle)) }

  package func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }

  package func integer(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(column)) }

  package func real(_ column: Int) -> Double { sqlite3_column_double(handle, Int32(column)) }

  /// The column's text; empty for NULL.
  package func text(_ column: Int) -> String { String(decoding: bytes(column), as: UTF8.self) }

  /// The column's bytes; empty for NULL.
  package func blob(_ column: Int) -> [UInt8] { Array(bytes(column)) }

  /// The column's bytes where they lie: valid until the next step or reset.
  package func bytes(_ column: Int) -> UnsafeRawBufferPointer {
    let start = sqlite3_column_blob(handle, Int32(column))
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, Int32(column))))
  }

  private func check(_ code: Int32) throws(SQLiteError) {
    if code != SQLITE_OK { throw database.lastError(sql) }
  }

  /// The address of no bytes.
  private static var nothing: UnsafeRawPointer { UnsafeRawPointer(bitPattern: 1)! }
  /// SQLITE_TRANSIENT, whose cast Swift does not see.
  private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}
