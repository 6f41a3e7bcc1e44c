import SQLite
import Testing

struct ResultCodeTests {
  @Test(
    arguments: [
      (0, "SQLITE_OK"), (1, "SQLITE_ERROR"), (5, "SQLITE_BUSY"), (517, "SQLITE_BUSY_SNAPSHOT"),
      (516, "SQLITE_ABORT_ROLLBACK"), (778, "SQLITE_IOERR_WRITE"), (1034, "SQLITE_IOERR_FSYNC"),
      (8458, "SQLITE_IOERR_CORRUPTFS"), (13, "SQLITE_FULL"), (1299, "SQLITE_CONSTRAINT_NOTNULL"),
      (2067, "SQLITE_CONSTRAINT_UNIQUE"), (3091, "SQLITE_CONSTRAINT_DATATYPE"), (26, "SQLITE_NOTADB"),
      (1544, "SQLITE_READONLY_DIRECTORY"), (260, "SQLITE_ABORT 1"), (65_299, "SQLITE_CONSTRAINT 255"),
      (99, "SQLite error 99"),
    ] as [(Int32, String)])
  func `a code has the name of SQLite's documentation`(_ code: Int32, _ name: String) {
    #expect(SQLiteError(code: code, message: "", path: "").name == name)
  }
}
