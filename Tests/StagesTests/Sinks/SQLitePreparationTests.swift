import PipelineFile
import SQLite
import Stages
import TestSupport
import Testing

/// What a new run does about a table that exists.
struct SQLitePreparationTests {
  private let folder = TemporaryFolder()

  private func write(_ text: String, to target: SQLiteTarget) throws {
    let sink = try folder.open(target)
    try sink.write(folder.batches(text, .jsonLines))
    _ = try sink.commit(position: [1])
    try sink.finish()
  }

  private func database() throws -> Database { try Database(folder.file("out.db")) }

  @Test func `an own table is replaced, and nobody else's`() throws {
    let own = folder.target()
    try folder.start(own)
    try write("{\"a\":1}\n", to: own)
    try folder.start(own)
    try write("{\"b\":2}\n", to: own)
    #expect(try folder.rows() == ["2"])
    #expect(
      failureText { try folder.start(own, sink: "other/write.0") }
        == "p.yaml:3:5: error: out.db has a table 't' that was not made by this pipeline; "
        + "drop it, or write 'existing: replace' or 'existing: append'")
    // Altered or made anew, it is somebody else's.
    try database().execute("ALTER TABLE t ADD COLUMN mine")
    #expect(failureText { try folder.start(own) } != nil)
    #expect(try folder.rows() == ["2 NULL"])
    try folder.start(folder.target(existing: .replace))
    #expect(try folder.tableCount("t") == 0)
  }

  @Test func `a refused preparation leaves no trace`() throws {
    try database().execute("CREATE TABLE t (a); INSERT INTO t VALUES (5)")
    #expect(failureText { try folder.start(folder.target()) } != nil)
    #expect(
      failureText { try folder.start(folder.target(existing: .refuse)) }
        == "p.yaml:3:5: error: out.db has a table 't', and 'existing: refuse' protects it; "
        + "drop it, or name another")
    #expect(try folder.tableCount("_procession") == 0)
    #expect(try folder.rows() == ["5"])
  }

  @Test func `appending keeps the rows and the table's own columns and keys`() throws {
    try database().execute(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (5, 'five')")
    let target = folder.target(key: ["id"], existing: .append)
    try folder.start(target)
    try write("{\"id\":5,\"a\":\"new\"}\n{\"a\":1.50,\"id\":6}\n", to: target)
    #expect(try folder.rows() == ["5 'new'", "6 '1.50'"])
    #expect(
      try folder.rows("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = 't'") == ["0"])
    #expect(try folder.open(target).summary.records == 2)
    // The next run appends again, and counts from nothing.
    try folder.start(target)
    #expect(try folder.open(target).summary.records == 0)
    #expect(try folder.rows().count == 2)
  }

  @Test func `an own table that was appended to stays an own table`() throws {
    let own = folder.target()
    try folder.start(own)
    try write("{\"a\":1}\n", to: own)
    try folder.start(folder.target(existing: .append))
    try write("{\"a\":2}\n", to: own)
    #expect(try folder.rows() == ["1", "2"])
    try folder.start(own)
    #expect(try folder.tableCount("t") == 0)
  }

  @Test func `a table that lacks what is declared is an error`() throws {
    try database().execute("CREATE TABLE t (a)")
    let target = folder.target(
      columns: [SQLiteTarget.Column(name: "b", type: .any)], existing: .append)
    try folder.start(target)
    #expect(
      failureText { _ = try folder.open(target) }
        == "out.db: error: table 't' has no column 'b' (it has a); "
        + "name its columns, or write 'existing: replace'")
  }

  @Test func `what can't be a table is told at the place in the file`() throws {
    folder.write("out.db", String(repeating: "no database", count: 100))
    #expect(
      failureText { try folder.start(folder.target()) }
        == "p.yaml:3:5: error: out.db is no SQLite database; name another file, or move it away")
    let other = TemporaryFolder()
    #expect(
      failureText { try other.start(other.target(table: "_Procession")) }
        == "p.yaml:3:5: error: the table '_Procession' is the one that remembers sinks; name another")
    try Database(other.file("out.db")).execute("CREATE VIEW t AS SELECT 1")
    #expect(
      failureText { try other.start(other.target(existing: .replace)) }
        == "p.yaml:3:5: error: out.db has a view 't', which can't be written; name another table")
  }

  @Test func `folders above the database are made`() throws {
    let target = SQLiteTarget(
      path: folder.file("a/b/out.db"), shown: "a/b/out.db", table: "t", key: [], columns: nil, existing: .own)
    try folder.start(target)
    #expect(try folder.open(target).storedPosition == nil)
  }
}
