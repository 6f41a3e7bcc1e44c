import SQLite

/// Compares what two databases hold: pages lie where chance puts them, and the sink's own table counts its lives.
enum DatabaseComparison {
  /// Nil if the schemas are the same and each table has the same rows: in the same order or, where several
  /// workers write it (`inOrder` is false), each as often.
  static func difference(
    _ expected: String, _ found: String, inOrder: Bool
  ) throws(SQLiteError) -> String? {
    let first = try Database(expected, access: .existing, journal: .asIs)
    let second = try Database(found, access: .existing, journal: .asIs)
    let schema = try schema(of: first)
    let other = try self.schema(of: second)
    if schema != other { return "its schema is \(other), not \(schema)" }
    for table in try tables(of: first) {
      if let text = try difference(table, first, second, inOrder: inOrder) {
        return "table '\(table)': \(text)"
      }
    }
    return nil
  }

  private static let others = "tbl_name <> '_procession' AND tbl_name NOT LIKE 'sqlite_%'"

  private static func schema(of database: Database) throws(SQLiteError) -> [String] {
    try texts(
      database.prepare("SELECT coalesce(sql, name) FROM sqlite_schema WHERE \(others) ORDER BY type, name"))
  }

  private static func tables(of database: Database) throws(SQLiteError) -> [String] {
    try texts(
      database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND \(others) ORDER BY name"))
  }

  private static func texts(_ statement: Statement) throws(SQLiteError) -> [String] {
    var found: [String] = []
    while try statement.step() { found.append(statement.text(0)) }
    return found
  }

  private static func difference(
    _ table: String, _ expected: Database, _ found: Database, inOrder: Bool
  ) throws(SQLiteError) -> String? {
    let first = try rows(of: table, in: expected, inOrder: inOrder)
    let second = try rows(of: table, in: found, inOrder: inOrder)
    var count = 0
    while true {
      let (one, other) = (try first.step() ? first.text(0) : nil, try second.step() ? second.text(0) : nil)
      guard one == other else {
        if one == nil { return "it has more than \(count) rows" }
        return "row \(count + 1) is \(other.map { "(\($0))" } ?? "missing"), not (\(one!))"
      }
      if one == nil { return nil }
      count += 1
    }
  }

  /// Each row as one text that tells types apart.
  private static func rows(
    of table: String, in database: Database, inOrder: Bool
  ) throws(SQLiteError) -> Statement {
    let names = try database.prepare("SELECT name FROM pragma_table_info(?1)")
    try names.bind(1, table)
    let row = try texts(names).map { "quote(\(Database.quoted($0)))" }.joined(separator: " || ', ' || ")
    return try database.prepare(
      "SELECT \(row) FROM \(Database.quoted(table)) ORDER BY \(inOrder ? "rowid" : "1")")
  }
}
