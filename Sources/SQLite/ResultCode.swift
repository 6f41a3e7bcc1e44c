/// The names of SQLite's result codes, as its documentation lists them.
enum ResultCode {
  /// By primary code.
  private static let primary = [
    "OK", "ERROR", "INTERNAL", "PERM", "ABORT", "BUSY", "LOCKED", "NOMEM", "READONLY", "INTERRUPT", "IOERR",
    "CORRUPT", "NOTFOUND", "FULL", "CANTOPEN", "PROTOCOL", "EMPTY", "SCHEMA", "TOOBIG", "CONSTRAINT",
    "MISMATCH", "MISUSE", "NOLFS", "AUTH", "FORMAT", "RANGE", "NOTADB", "NOTICE", "WARNING",
  ]

  /// By primary code, then by extension less one; an empty name is one that is not used.
  private static let extended: [Int32: [String]] = [
    1: ["MISSING_COLLSEQ", "RETRY", "SNAPSHOT"],
    4: ["", "ROLLBACK"],
    5: ["RECOVERY", "SNAPSHOT", "TIMEOUT"],
    6: ["SHAREDCACHE", "VTAB"],
    8: ["RECOVERY", "CANTLOCK", "ROLLBACK", "DBMOVED", "CANTINIT", "DIRECTORY"],
    10: [
      "READ", "SHORT_READ", "WRITE", "FSYNC", "DIR_FSYNC", "TRUNCATE", "FSTAT", "UNLOCK", "RDLOCK", "DELETE",
      "BLOCKED", "NOMEM", "ACCESS", "CHECKRESERVEDLOCK", "LOCK", "CLOSE", "DIR_CLOSE", "SHMOPEN", "SHMSIZE",
      "SHMLOCK", "SHMMAP", "SEEK", "DELETE_NOENT", "MMAP", "GETTEMPPATH", "CONVPATH", "VNODE", "AUTH",
      "BEGIN_ATOMIC", "COMMIT_ATOMIC", "ROLLBACK_ATOMIC", "DATA", "CORRUPTFS",
    ],
    11: ["VTAB", "SEQUENCE", "INDEX"],
    14: ["NOTEMPDIR", "ISDIR", "FULLPATH", "CONVPATH", "DIRTYWAL", "SYMLINK"],
    19: [
      "CHECK", "COMMITHOOK", "FOREIGNKEY", "FUNCTION", "NOTNULL", "PRIMARYKEY", "TRIGGER", "UNIQUE", "VTAB",
      "ROWID", "PINNED", "DATATYPE",
    ],
  ]

  static func name(_ code: Int32) -> String {
    let kind = code & 0xFF
    guard primary.indices.contains(Int(kind)) else { return "SQLite error \(code)" }
    let detail = Int(code >> 8)
    let base = "SQLITE_\(primary[Int(kind)])"
    if detail == 0 { return base }
    guard let names = extended[kind], names.indices.contains(detail - 1), !names[detail - 1].isEmpty
    else { return "\(base) \(detail)" }
    return "\(base)_\(names[detail - 1])"
  }
}
