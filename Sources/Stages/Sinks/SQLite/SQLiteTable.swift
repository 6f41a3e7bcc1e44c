import PipelineFile
import SQLite

/// A table as the database has it.
struct SQLiteTable {
  struct Column: Hashable {
    var name: String
    /// Whether numbers become texts in it, and so keep their digits.
    var holdsText: Bool
  }

  var name: String
  var columns: [Column]

  /// What stands under a name: `table`, `view`, or nil.
  static func kind(of name: String, in database: Database) throws(SQLiteError) -> String? {
    let statement = try database.prepare(
      "SELECT type FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE AND type IN ('table', 'view')")
    try statement.bind(1, name)
    return try statement.step() ? statement.text(0) : nil
  }

  /// Nil where there is no such table.
  static func find(_ name: String, in database: Database) throws(SQLiteError) -> SQLiteTable? {
    guard try kind(of: name, in: database) == "table" else { return nil }
    let statement = try database.prepare("SELECT name, type FROM pragma_table_info(?1)")
    try statement.bind(1, name)
    var columns: [Column] = []
    while try statement.step() {
      let type = statement.text(1).uppercased()
      // SQLite's rule for the affinity of a declared type.
      let holdsText =
        !type.contains("INT") && ["CHAR", "CLOB", "TEXT"].contains { type.contains($0) }
      columns.append(Column(name: statement.text(0), holdsText: holdsText))
    }
    return SQLiteTable(name: name, columns: columns)
  }

  /// Makes a table. Declared types are kept to (`STRICT`); types that were guessed from one record only say how
  /// values are best stored. Key columns are never null.
  static func make(
    _ target: SQLiteTarget, columns: [SQLiteTarget.Column], areDeclared: Bool, in database: Database
  ) throws(SQLiteError) {
    let definitions = columns.map { column in
      let type =
        switch column.type {
        case .text: " TEXT"
        case .integer: " INTEGER"
        case .real: " REAL"
        // Outside STRICT the word ANY would turn texts that look like numbers into numbers.
        case .any: areDeclared ? " ANY" : ""
        }
      return Database.quoted(column.name) + type + (target.key.contains(column.name) ? " NOT NULL" : "")
    }
    try database.execute(
      "CREATE TABLE \(Database.quoted(target.table)) (\(definitions.joined(separator: ", ")))"
        + (areDeclared ? " STRICT" : ""))
  }

  /// The statement that puts a row in: a parameter for each column. A key has a unique index, which is made
  /// unless the table has one of its own.
  func insertion(key: [String], in database: Database) throws(SQLiteError) -> Statement {
    let quoted = columns.map { Database.quoted($0.name) }
    var sql = "INSERT INTO \(Database.quoted(name)) (\(quoted.joined(separator: ", "))) VALUES ("
    sql += (1...quoted.count).map { "?\($0)" }.joined(separator: ", ") + ")"
    if key.isEmpty { return try database.prepare(sql) }
    let keys = key.map(Database.quoted).joined(separator: ", ")
    let changed = columns.filter { !key.contains($0.name) }.map {
      "\(Database.quoted($0.name)) = excluded.\(Database.quoted($0.name))"
    }
    sql += " ON CONFLICT (\(keys)) DO "
    sql += changed.isEmpty ? "NOTHING" : "UPDATE SET \(changed.joined(separator: ", "))"
    do {
      return try database.prepare(sql)
    } catch {
      try database.execute(
        "CREATE UNIQUE INDEX \(Database.quoted("\(name)_key")) ON \(Database.quoted(name)) (\(keys))")
      return try database.prepare(sql)
    }
  }
}
