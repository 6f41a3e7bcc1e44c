import Glibc
import Records
import SQLite

/// The records that a pipeline's stages could not work on: `dead-letters.sqlite` in its state folder.
///
/// The table `letters`, one row for each record, however often it was given up:
///
///     id                     grows, never used again
///     run, origin, slot,     which record it is: the run (hexadecimal), the stage and slot that numbered its
///     sequence, branch,      batch, the batch's number and path (hexadecimal), and its index in it; these six
///     record                 are unique, so that a batch that is worked on twice leaves its letters once
///     stage, step            where it fell out; step 0 is the stage as a whole
///     kind, cause            'error' and its text, or 'death' and its signal or status
///     attempts, worker, time how often, by whom, when (nanoseconds since 1970)
///     last_words             what the worker printed last, for a death
///     file, line             where it was read; line 0: not known
///     format, schema, bytes  the record: 'json', 'csv' or 'line'; the encoded columns of a csv row
///     state, replay          'dead', 'replaying' or 'replayed', and the replay that it is or was part of
///
/// One worker inserts; commands read and change it at any time, also while it does. Letters that are being
/// replayed stay, whatever is to be dropped: a source is reading them.
package final class DeadLetterStore {
  /// The store's name in a state folder.
  package static let fileName = "dead-letters.sqlite"
  static let version: Int64 = 1

  let database: Database
  private let insertion: Statement

  /// Opens the store of a state folder, and makes it if there is none.
  package init(making path: String) throws(StageFailure) {
    do throws(SQLiteError) {
      database = try Database(path, journal: .writeAhead)
      try Self.prepare(database)
      insertion = try Self.insertion(in: database)
    } catch {
      throw Self.failure(path, error)
    }
  }

  /// Opens a store that is there: nil if none is.
  package init?(existing path: String) throws(StageFailure) {
    guard Glibc.access(path, F_OK) == 0 else { return nil }
    do throws(SQLiteError) {
      database = try Database(path, access: .existing, journal: .asIs)
      // A store whose making was cut short is made here.
      try Self.prepare(database)
      insertion = try Self.insertion(in: database)
    } catch {
      throw Self.failure(path, error)
    }
  }

  private static func prepare(_ database: Database) throws(SQLiteError) {
    if try database.integer("PRAGMA user_version") == version { return }
    try database.transaction { () throws(SQLiteError) in
      let found = try database.integer("PRAGMA user_version")
      if found == version { return }
      guard found == 0 else {
        throw SQLiteError(
          code: 1, message: "its letters have format \(found), and this version knows format \(version)",
          path: database.path)
      }
      try database.execute(
        """
        CREATE TABLE letters (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          run TEXT NOT NULL, origin TEXT NOT NULL, slot INTEGER NOT NULL, sequence INTEGER NOT NULL,
          branch TEXT NOT NULL, record INTEGER NOT NULL,
          stage TEXT NOT NULL, step INTEGER NOT NULL, kind TEXT NOT NULL, cause TEXT NOT NULL,
          attempts INTEGER NOT NULL, worker TEXT NOT NULL, time INTEGER NOT NULL, last_words TEXT NOT NULL,
          file TEXT NOT NULL, line INTEGER NOT NULL,
          format TEXT NOT NULL, schema BLOB NOT NULL, bytes BLOB NOT NULL,
          state TEXT NOT NULL DEFAULT 'dead', replay TEXT,
          UNIQUE (run, origin, slot, sequence, branch, record));
        CREATE INDEX letters_replay ON letters (replay, stage, id) WHERE replay IS NOT NULL;
        PRAGMA user_version = \(version)
        """)
    }
  }

  private static func insertion(in database: Database) throws(SQLiteError) -> Statement {
    try database.prepare(
      """
      INSERT INTO letters (run, origin, slot, sequence, branch, record, stage, step, kind, cause, attempts,
        worker, time, last_words, file, line, format, schema, bytes)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
      ON CONFLICT (run, origin, slot, sequence, branch, record) DO NOTHING
      """)
  }

  /// Keeps a letter, durably from the next ``commit()`` on. A letter that is there already stays as it is,
  /// replayed or not. Answers whether it is new.
  @discardableResult
  package func insert(_ letter: Letter, from origin: LetterOrigin) throws(StageFailure) -> Bool {
    try attempt { () throws(SQLiteError) in
      if !database.isInTransaction { try database.begin() }
      try insertion.bind(1, Self.hexadecimal(origin.run))
      try insertion.bind(2, origin.origin)
      try insertion.bind(3, Int64(origin.slot))
      try insertion.bind(4, Int64(bitPattern: origin.sequence))
      try insertion.bind(5, Self.hexadecimal(origin.branch))
      try insertion.bind(6, Int64(letter.record))
      try insertion.bind(7, origin.stage)
      try insertion.bind(8, Int64(letter.step))
      switch letter.cause {
      case .error(let text):
        try insertion.bind(9, "error")
        try insertion.bind(10, text)
      case .death(let text):
        try insertion.bind(9, "death")
        try insertion.bind(10, text)
      }
      try insertion.bind(11, Int64(letter.attempts))
      try insertion.bind(12, letter.worker)
      try insertion.bind(13, Int64(clamping: letter.time))
      try insertion.bind(14, letter.lastWords)
      try insertion.bind(15, origin.file)
      try insertion.bind(16, Int64(clamping: letter.line))
      try insertion.bind(17, Self.name(of: origin.format))
      try insertion.bind(18, origin.schema)
      try insertion.bind(19, letter.bytes)
      try insertion.run()
      return database.changes > 0
    }
  }

  /// Makes what was inserted durable.
  package func commit() throws(StageFailure) {
    try attempt { () throws(SQLiteError) in if database.isInTransaction { try database.commit() } }
  }

  /// Letters of a run, inserted ones included.
  package func count(of run: UInt64) throws(StageFailure) -> Int {
    try attempt { () throws(SQLiteError) in
      let statement = try database.prepare("SELECT count(*) FROM letters WHERE run = ?1")
      try statement.bind(1, Self.hexadecimal(run))
      return try statement.step() ? Int(statement.integer(0)) : 0
    }
  }

  /// Runs what SQLite may refuse, for a caller that knows stages' failures only.
  func attempt<R>(_ body: () throws(SQLiteError) -> R) throws(StageFailure) -> R {
    do throws(SQLiteError) {
      return try body()
    } catch {
      throw Self.failure(database.path, error)
    }
  }

  private static func failure(_ path: String, _ error: SQLiteError) -> StageFailure {
    StageFailure("\(path): error: dead letters can't be read or kept: \(error.reason)")
  }

  /// Sixteen digits.
  static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  static func name(of format: RecordFormat) -> String {
    switch format {
    case .json: "json"
    case .csv: "csv"
    case .line: "line"
    }
  }
}
