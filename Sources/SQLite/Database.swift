import CSQLite
import POSIXKit

/// A connection to a database file. A commit is durable: it survives the machine's death.
///
/// Used by one thread, and never across a fork. A class because its statements keep it open; it closes with
/// the last of them.
package final class Database {
  package enum Access: Sendable {
    /// Reads and writes; makes the file if there is none.
    case create
    /// Reads and, where its mode allows that, writes a file that exists.
    case existing
  }

  package enum Journal: Sendable {
    /// Readers and the writer do not wait for each other, and a commit costs one sync.
    case writeAhead
    /// One file, but for the time of a transaction.
    case rollback
    /// Write-ahead for an empty database; one with content keeps what its owner chose.
    case writeAheadIfNew
    /// As the file has it; for those that only read.
    case asIs
  }

  package let path: String
  let handle: OpaquePointer

  /// Opens the file; whoever finds it locked waits up to `busy` for it, at this and every later call.
  package init(
    _ path: String, access: Access = .create, journal: Journal = .writeAhead, busy: Duration = .seconds(5)
  ) throws(SQLiteError) {
    var flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX
    if access == .create { flags |= SQLITE_OPEN_CREATE }
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(path, &opened, flags, nil)
    guard code == SQLITE_OK, let opened else {
      let error = SQLiteError(
        code: opened.map { sqlite3_extended_errcode($0) } ?? code,
        message: String(cString: opened.map { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)), path: path)
      sqlite3_close_v2(opened)
      throw error
    }
    self.path = path
    handle = opened
    sqlite3_extended_result_codes(handle, 1)
    sqlite3_busy_timeout(handle, Int32(clamping: busy.wholeNanoseconds / 1_000_000))
    try use(journal)
  }

  deinit { sqlite3_close_v2(handle) }

  /// A rollback journal's deletion counts only once its folder is synced, which is what EXTRA adds.
  private func use(_ journal: Journal) throws(SQLiteError) {
    switch journal {
    case .writeAhead: try execute("PRAGMA journal_mode = WAL")
    case .rollback: try execute("PRAGMA journal_mode = DELETE")
    case .writeAheadIfNew:
      if try integer("PRAGMA page_count") == 0 { try execute("PRAGMA journal_mode = WAL") }
    case .asIs: break
    }
    // Where the file system can't share memory, SQLite stays with the rollback journal and says so here.
    let isWriteAhead = try text("PRAGMA journal_mode") == "wal"
    try execute("PRAGMA synchronous = \(isWriteAhead ? "FULL" : "EXTRA")")
  }

  /// Runs statements without parameters; rows are passed over.
  package func execute(_ sql: String) throws(SQLiteError) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw lastError(sql) }
  }

  /// Compiles one statement, to be used many times.
  package func prepare(_ sql: String) throws(SQLiteError) -> Statement {
    var compiled: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &compiled, nil)
    guard code == SQLITE_OK, let compiled else { throw lastError(sql) }
    return Statement(compiled, of: self, sql: sql)
  }

  /// The first column of the first row as an integer; 0 where there is no row.
  package func integer(_ sql: String) throws(SQLiteError) -> Int64 {
    let statement = try prepare(sql)
    return try statement.step() ? statement.integer(0) : 0
  }

  /// The first column of the first row as text; empty where there is no row.
  package func text(_ sql: String) throws(SQLiteError) -> String {
    let statement = try prepare(sql)
    return try statement.step() ? statement.text(0) : ""
  }

  /// Begins a transaction that holds the right to write from its start: what it reads stays true until its end.
  package func begin() throws(SQLiteError) { try execute("BEGIN IMMEDIATE") }

  package func commit() throws(SQLiteError) { try execute("COMMIT") }

  /// Undoes the transaction; nothing where SQLite has undone it already.
  package func rollback() {
    if isInTransaction { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
  }

  /// Whether a transaction is open. Some errors (a full disk, a trigger) end it by themselves.
  package var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// Runs `body` in a transaction: committed when it returns, undone when it throws.
  package func transaction<R, E: Error>(
    failing: (SQLiteError) -> E, _ body: () throws(E) -> R
  ) throws(E) -> R {
    do throws(SQLiteError) { try begin() } catch { throw failing(error) }
    do throws(E) {
      let result = try body()
      do throws(SQLiteError) { try commit() } catch { throw failing(error) }
      return result
    } catch {
      rollback()
      throw error
    }
  }

  /// As above, for a body that fails in no other way than SQLite does.
  package func transaction<R>(_ body: () throws(SQLiteError) -> R) throws(SQLiteError) -> R {
    try transaction(failing: { $0 }, body)
  }

  /// Rows that the last statement inserted, changed or deleted.
  package var changes: Int { Int(sqlite3_changes64(handle)) }

  /// The name in double quotes, as SQL writes names.
  package static func quoted(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  func lastError(_ sql: String) -> SQLiteError {
    SQLiteError(
      code: sqlite3_extended_errcode(handle), message: String(cString: sqlite3_errmsg(handle)), sql: sql,
      path: path)
  }
}
