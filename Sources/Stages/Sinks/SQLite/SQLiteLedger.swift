import SQLite

/// The table `_procession`, in which a database keeps how far each sink that writes to it has come.
///
///     pipeline_sink  the pipeline's name and the slot's: late/write.0; the key
///     fence          grows by one with each incarnation and each new run; only the last may write
///     position       the sink's place as of the rows that are committed; NULL before the first commit
///     target         the table it writes
///     made           the statement that made that table, as the database remembers it, where the sink made
///                    it; a table that was made anew or altered since does not match, and is not the sink's
///     records        rows written in this run
///     bytes          bytes of their records
struct SQLiteLedger {
  static let table = "_procession"

  /// What an incarnation finds when it takes over.
  struct Standing {
    var ledger: SQLiteLedger
    var position: [UInt8]?
    var records: UInt64
    var bytes: UInt64
  }

  private let sink: String
  private let fence: Int64
  private let check: Statement
  private let update: Statement

  private init(_ database: Database, sink: String, fence: Int64) throws(SQLiteError) {
    self.sink = sink
    self.fence = fence
    check = try database.prepare("SELECT fence FROM _procession WHERE pipeline_sink = ?1")
    try check.bind(1, sink)
    update = try database.prepare(
      "UPDATE _procession SET position = ?2, records = ?3, bytes = ?4 WHERE pipeline_sink = ?1")
    try update.bind(1, sink)
  }

  static func makeTable(in database: Database) throws(SQLiteError) {
    try database.execute(
      """
      CREATE TABLE IF NOT EXISTS _procession (
        pipeline_sink TEXT PRIMARY KEY NOT NULL, fence INTEGER NOT NULL, position BLOB, target TEXT NOT NULL,
        made TEXT, records INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0)
      """)
  }

  /// Starts a sink over: no position, and whoever still writes for it is fenced off.
  static func startOver(
    _ sink: String, target: String, keepsTable: Bool, in database: Database
  ) throws(SQLiteError) {
    let statement = try database.prepare(
      """
      INSERT INTO _procession (pipeline_sink, fence, target) VALUES (?1, 1, ?2)
      ON CONFLICT (pipeline_sink) DO UPDATE SET fence = fence + 1, position = NULL, target = ?2,
        made = CASE WHEN ?3 AND target = ?2 THEN made END, records = 0, bytes = 0
      """)
    try statement.bind(1, sink)
    try statement.bind(2, target)
    try statement.bind(3, Int64(keepsTable ? 1 : 0))
    try statement.run()
  }

  /// What is committed under a sink's name; nil where it has no row.
  static func records(of sink: String, in database: Database) throws(SQLiteError) -> UInt64? {
    let statement = try database.prepare("SELECT records FROM _procession WHERE pipeline_sink = ?1")
    try statement.bind(1, sink)
    return try statement.step() ? UInt64(clamping: statement.integer(0)) : nil
  }

  /// Starts over a sink that goes on in the table of another. In a transaction.
  static func begin(_ replay: String, behind sink: String, in database: Database) throws(SQLiteError) {
    let statement = try database.prepare(
      """
      INSERT INTO _procession (pipeline_sink, fence, target)
        SELECT ?2, 1, target FROM _procession WHERE pipeline_sink = ?1
      ON CONFLICT (pipeline_sink) DO UPDATE SET fence = fence + 1, position = NULL, target = excluded.target,
        made = NULL, records = 0, bytes = 0
      """)
    try statement.bind(1, sink)
    try statement.bind(2, replay)
    try statement.run()
  }

  /// Makes what one sink wrote another's, whose position stays as it is, and forgets it. In a transaction.
  static func merge(_ replay: String, into sink: String, in database: Database) throws(SQLiteError) {
    let update = try database.prepare(
      """
      UPDATE _procession SET bytes = _procession.bytes + r.bytes, made = coalesce(r.made, _procession.made)
      FROM _procession r WHERE _procession.pipeline_sink = ?1 AND r.pipeline_sink = ?2
      """)
    try update.bind(1, sink)
    try update.bind(2, replay)
    try update.run()
    let delete = try database.prepare("DELETE FROM _procession WHERE pipeline_sink = ?1")
    try delete.bind(1, replay)
    try delete.run()
  }

  /// The sinks that made a table, as it stands now.
  static func makers(of target: String, in database: Database) throws(SQLiteError) -> [String] {
    let statement = try database.prepare(
      """
      SELECT pipeline_sink FROM _procession JOIN sqlite_schema ON sql = made
      WHERE target = ?1 COLLATE NOCASE AND type = 'table' AND name = ?1 COLLATE NOCASE
      """)
    try statement.bind(1, target)
    var found: [String] = []
    while try statement.step() { found.append(statement.text(0)) }
    return found
  }

  /// Makes this incarnation the one that may write. Nil where the sink has no row. In a transaction.
  static func takeOver(
    _ sink: String, in database: Database
  ) throws(SQLiteError) -> Standing? {
    guard try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = '_procession'") > 0 else {
      return nil
    }
    let statement = try database.prepare(
      """
      UPDATE _procession SET fence = fence + 1 WHERE pipeline_sink = ?1
      RETURNING fence, position, records, bytes
      """)
    try statement.bind(1, sink)
    guard try statement.step() else { return nil }
    let fence = statement.integer(0)
    return Standing(
      ledger: try SQLiteLedger(database, sink: sink, fence: fence),
      position: statement.isNull(1) ? nil : statement.blob(1),
      records: UInt64(clamping: statement.integer(2)), bytes: UInt64(clamping: statement.integer(3)))
  }

  /// Whether no later incarnation has taken over. True until the end of the transaction in which it is asked.
  func isCurrent() throws(SQLiteError) -> Bool {
    defer { check.reset() }
    return try check.step() && check.integer(0) == fence
  }

  func store(position: [UInt8], records: UInt64, bytes: UInt64) throws(SQLiteError) {
    try update.bind(2, position)
    try update.bind(3, Int64(clamping: records))
    try update.bind(4, Int64(clamping: bytes))
    try update.run()
  }

  /// Notes that the sink made its table. In the transaction that made it.
  func noteMade(in database: Database) throws(SQLiteError) {
    let statement = try database.prepare(
      """
      UPDATE _procession SET made = (SELECT sql FROM sqlite_schema
        WHERE type = 'table' AND name = target COLLATE NOCASE) WHERE pipeline_sink = ?1
      """)
    try statement.bind(1, sink)
    try statement.run()
  }
}
