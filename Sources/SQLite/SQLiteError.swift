import CSQLite

/// What SQLite refused: which error, on which database, in which statement.
package struct SQLiteError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The extended result code.
  package var code: Int32
  /// SQLite's own text.
  package var message: String
  /// The statement's first words; empty where there was none.
  package var sql: String
  package var path: String

  package init(code: Int32, message: String, sql: String = "", path: String) {
    self.code = code
    self.message = message
    self.sql = Self.firstWords(of: sql)
    self.path = path
  }

  /// `SQLITE_CONSTRAINT_UNIQUE` for 2067.
  package var name: String { ResultCode.name(code) }

  /// The code without its extension: `SQLITE_CONSTRAINT` for 2067.
  package var primaryCode: Int32 { code & 0xFF }

  /// Whether the values are to blame, and other values may pass: a constraint, a type, a value's size.
  package var isAboutValues: Bool {
    primaryCode == SQLITE_CONSTRAINT || primaryCode == SQLITE_MISMATCH || primaryCode == SQLITE_TOOBIG
  }

  /// Whether somebody else held the database until the busy deadline.
  package var isBusy: Bool { primaryCode == SQLITE_BUSY }

  /// Whether the file is something else than a database.
  package var isNoDatabase: Bool { primaryCode == SQLITE_NOTADB }

  /// What happened, without the path.
  package var reason: String {
    let held = isBusy ? "another process kept it locked until the deadline: " : ""
    return "\(held)\(message) (\(name)\(sql.isEmpty ? "" : " in '\(sql)'"))"
  }

  package var description: String { "\(path): \(reason)" }

  private static let shownLength = 60

  /// The statement on one line, cut behind a word where it is long.
  private static func firstWords(of sql: String) -> String {
    var text = ""
    for word in sql.split(whereSeparator: \.isWhitespace) {
      if !text.isEmpty && text.count + word.count >= shownLength { return text + " …" }
      text += text.isEmpty ? String(word) : " \(word)"
    }
    return text
  }
}
