import Glibc
import POSIXKit
import SQLite
import Testing

struct DatabaseTests {
  private let scratch = Scratch()

  private func error<R>(_ body: () throws(SQLiteError) -> R) -> SQLiteError? {
    do throws(SQLiteError) {
      _ = try body()
      return nil
    } catch {
      return error
    }
  }

  @Test func `every kind of value comes back as it went in`() throws {
    let database = try Database(scratch.path)
    try database.execute("CREATE TABLE t (a, b, c, d, e, f)")
    let insert = try database.prepare("INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    let borrowed = Array("bor\0rowed".utf8)
    try borrowed.withUnsafeBytes { bytes in
      try insert.bind(1, Int64.min)
      try insert.bind(2, 0.1)
      try insert.bind(3, borrowingText: bytes)
      try insert.bind(4, [0, 255])
      try insert.bindNull(5)
      try insert.bind(6, "")
      try insert.run()
    }
    let select = try database.prepare("SELECT a, b, c, d, e, f, typeof(c), typeof(d), typeof(f) FROM t")
    #expect(try select.step())
    #expect(select.integer(0) == .min && select.real(1) == 0.1 && select.text(2) == "bor\0rowed")
    #expect(select.blob(3) == [0, 255] && select.isNull(4) && !select.isNull(5) && select.text(5) == "")
    #expect(select.text(6) == "text" && select.text(7) == "blob" && select.text(8) == "text")
    #expect(try !select.step())
  }

  @Test func `empty texts and blobs are not NULL`() throws {
    let database = try Database(scratch.path)
    let select = try database.prepare("SELECT ?1 IS NULL, ?2 IS NULL, ?3 IS NULL")
    try select.bind(1, borrowingText: UnsafeRawBufferPointer(start: nil, count: 0))
    try select.bind(2, [])
    try select.bind(3, "")
    #expect(try select.step())
    #expect(select.integer(0) == 0 && select.integer(1) == 0 && select.integer(2) == 0)
  }

  @Test func `a statement is used again with other values`() throws {
    let database = try Database(scratch.path)
    try database.execute("CREATE TABLE t (a)")
    let insert = try database.prepare("INSERT INTO t VALUES (?1)")
    try database.transaction { () throws(SQLiteError) in
      for value in 0..<1000 {
        try insert.bind(1, Int64(value))
        try insert.run()
      }
    }
    #expect(try database.integer("SELECT sum(a) FROM t") == 499_500)
    try database.execute("DELETE FROM t WHERE a < 10")
    #expect(database.changes == 10)
  }

  @Test func `a transaction whose body throws leaves nothing`() throws {
    let database = try Database(scratch.path)
    try database.execute("CREATE TABLE t (a UNIQUE)")
    let failure = error { () throws(SQLiteError) in
      try database.transaction { () throws(SQLiteError) in
        try database.execute("INSERT INTO t VALUES (1)")
        try database.execute("INSERT INTO t VALUES (1)")
      }
    }
    #expect(failure?.name == "SQLITE_CONSTRAINT_UNIQUE" && failure?.isAboutValues == true)
    #expect(!database.isInTransaction)
    #expect(try database.integer("SELECT count(*) FROM t") == 0)
  }

  @Test func `an error says which, where and in what`() throws {
    let database = try Database(scratch.path)
    let failure = error { () throws(SQLiteError) in
      try database.execute("SELECT  a,\n  b FROM nowhere WHERE c = 1 AND d = 2 AND the_end_of_it = 3")
    }
    #expect(
      failure?.description == "\(scratch.path): no such table: nowhere "
        + "(SQLITE_ERROR in 'SELECT a, b FROM nowhere WHERE c = 1 AND d = 2 AND …')")
    let missing = error { () throws(SQLiteError) in
      try Database(scratch.folder + "/none.db", access: .existing)
    }
    #expect(missing?.name == "SQLITE_CANTOPEN" && missing?.sql == "")
  }

  @Test func `what is no database is told from one`() throws {
    let file = fopen(scratch.path, "w")!
    for _ in 0..<100 { fputs("this is a text and no database\n", file) }
    fclose(file)
    let failure = error { () throws(SQLiteError) in try Database(scratch.path) }
    #expect(failure?.isNoDatabase == true)
  }

  @Test(arguments: ["wal", "delete"])
  func `a commit is synced in each journal mode`(_ mode: String) throws {
    let database = try Database(scratch.path, journal: mode == "wal" ? .writeAhead : .rollback)
    #expect(try database.text("PRAGMA journal_mode") == mode)
    #expect(try database.integer("PRAGMA synchronous") == (mode == "wal" ? 2 : 3))
  }

  @Test func `a database with content keeps its journal mode`() throws {
    do {
      let database = try Database(scratch.path, journal: .rollback)
      try database.execute("CREATE TABLE t (a)")
    }
    let again = try Database(scratch.path, journal: .writeAheadIfNew)
    #expect(try again.text("PRAGMA journal_mode") == "delete")
    let new = Scratch()
    #expect(try Database(new.path, journal: .writeAheadIfNew).text("PRAGMA journal_mode") == "wal")
  }

  @Test func `a locked database is waited for until the deadline, and no longer`() throws {
    let holder = try Database(scratch.path)
    try holder.execute("CREATE TABLE t (a)")
    try holder.begin()
    let other = try Database(scratch.path, busy: .milliseconds(30))
    let start = MonotonicClock.now()
    let failure = error { () throws(SQLiteError) in try other.begin() }
    let waited = MonotonicClock.now() - start
    #expect(failure?.isBusy == true && waited >= 20_000_000 && waited < 5_000_000_000)
    #expect(failure?.reason.hasPrefix("another process kept it locked") == true)
    // Readers do not wait for the writer, and see what was there before.
    try holder.execute("INSERT INTO t VALUES (1)")
    #expect(try other.integer("SELECT count(*) FROM t") == 0)
    try holder.commit()
    #expect(try other.integer("SELECT count(*) FROM t") == 1)
  }

  @Test func `what a connection had not committed is gone with it`() throws {
    do {
      let database = try Database(scratch.path)
      try database.execute("CREATE TABLE t (a)")
      try database.begin()
      try database.execute("INSERT INTO t VALUES (1)")
    }
    #expect(try Database(scratch.path).integer("SELECT count(*) FROM t") == 0)
  }

  @Test func `names are quoted whatever they hold`() throws {
    let database = try Database(scratch.path)
    let name = "a \"b\" ; DROP"
    try database.execute("CREATE TABLE \(Database.quoted(name)) (a)")
    #expect(try database.text("SELECT name FROM sqlite_schema") == name)
  }
}
