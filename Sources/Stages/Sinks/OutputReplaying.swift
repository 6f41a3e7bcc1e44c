import Glibc
import POSIXKit
import PipelineFile
import SQLite

/// Makes a file sink ready to go on behind what its run has written. Returns the state to begin with, which
/// counts from there.
///
/// `written` is what the run committed; `isOver` says that the run has ended, and that nobody but somebody else
/// can have written to the file since. Nothing is changed. `existing` does not matter: the output is ours.
package func resumeOutput(
  _ file: FileTarget, slot: Int, of slots: Int, written: SinkState, isOver: Bool
) throws(StageFailure) -> SinkState {
  let path = PartNames(path: file.path, slot: slot, of: slots).whole
  let shown = slots > 1 ? PartNames(path: file.shown, slot: slot, of: slots).whole : file.shown
  if file.rotation == nil {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw StageFailure(
        "\(shown): error: letters are put back in behind what the run wrote to it, and it is gone; put it back"
      )
    }
    let size = UInt64(max(0, status.st_size))
    if size < written.length || (isOver && size > written.length) {
      throw StageFailure(
        "\(shown): error: it had \(written.length) bytes when the run wrote it and has \(size) now; "
          + "letters can only be put back in behind what the run wrote")
    }
  }
  var state = written
  state.records = 0
  state.base = written.length + (written.parts?.closedBytes ?? 0)
  return state
}

/// What a sink has written once what a replay wrote behind it counts. The records stay those of the run, whose
/// ledger knows nothing of the replay's.
package func stateAfterReplay(_ replayed: SinkState, before: SinkState) -> SinkState {
  var state = replayed
  state.records = before.records
  state.base = before.base
  return state
}

/// As ``resumeOutput(_:slot:of:written:isOver:)`` for a table: `replay` is the name under which the database
/// keeps the replay's place, beside that of `sink`.
package func resumeSQLiteOutput(
  _ target: SQLiteTarget, sink: String, replay: String
) throws(StageFailure) {
  let problem: String?
  do throws(SQLiteError) {
    guard access(target.path, F_OK) == 0 else {
      throw SQLiteError(code: 14, message: "it is gone; put it back", path: target.path)
    }
    let database = try Database(target.path, access: .existing, journal: .asIs, busy: SQLiteSink.patience)
    problem = try database.transaction { () throws(SQLiteError) -> String? in
      guard try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = '_procession'") > 0,
        let records = try SQLiteLedger.records(of: sink, in: database)
      else { return "it does not know \(sink), behind whose rows letters would be put back in" }
      if records > 0, try SQLiteTable.kind(of: target.table, in: database) != "table" {
        return "table '\(target.table)', to which \(records) records were committed, is gone; put it back"
      }
      try SQLiteLedger.begin(replay, behind: sink, in: database)
      return nil
    }
  } catch {
    throw sqliteFailure(target.shown, error)
  }
  if let problem { throw StageFailure("\(target.shown): error: \(problem)") }
}

/// What a replay wrote to a table is the run's from now on. May be said again.
package func mergeSQLiteOutput(
  _ target: SQLiteTarget, sink: String, replay: String
) throws(StageFailure) {
  do throws(SQLiteError) {
    let database = try Database(target.path, access: .existing, journal: .asIs, busy: SQLiteSink.patience)
    try database.transaction { () throws(SQLiteError) in
      try SQLiteLedger.merge(replay, into: sink, in: database)
    }
    try? database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
  } catch {
    throw sqliteFailure(target.shown, error)
  }
}

/// Rows and bytes that a sink has committed to a table; nil where that is not known.
package func committedToSQLite(_ target: SQLiteTarget, sink: String) -> (records: UInt64, bytes: UInt64)? {
  guard access(target.path, F_OK) == 0,
    let database = try? Database(target.path, access: .existing, journal: .asIs),
    let statement = try? database.prepare("SELECT records, bytes FROM _procession WHERE pipeline_sink = ?1"),
    (try? statement.bind(1, sink)) != nil, (try? statement.step()) == true
  else { return nil }
  return (UInt64(clamping: statement.integer(0)), UInt64(clamping: statement.integer(1)))
}
