import PipelineFile
import POSIXKit
import SQLite

/// Makes a sink's table ready for a new run, by what the plan says of a table that exists already.
///
/// `sink` is `pipeline/write.0`: the database remembers by it which table a sink's stage has made, so that
/// `existing: own` never replaces somebody else's. Called before any worker starts, once for each slot; whoever
/// still writes for this sink is fenced off. A refused table is left as it is.
package func prepareSQLiteOutput(
  _ target: SQLiteTarget, sink: String, position: SourcePosition
) throws(StageFailure) {
  let place = "\(position): error: "
  func failure(_ error: SQLiteError) -> StageFailure {
    if error.isNoDatabase {
      return StageFailure("\(place)\(target.shown) is no SQLite database; name another file, or move it away")
    }
    return StageFailure("\(place)\(target.shown) can't be written: \(error.reason)")
  }
  guard target.table.lowercased() != SQLiteLedger.table else {
    throw StageFailure("\(place)the table '\(target.table)' is the one that remembers sinks; name another")
  }
  do throws(SystemCallError) {
    try makeFolders(of: target.path)
  } catch {
    throw StageFailure("\(place)\(target.shown) can't be written: \(error)")
  }
  let refusal: String?
  do throws(SQLiteError) {
    refusal = try startOver(target, sink)
  } catch {
    throw failure(error)
  }
  if let refusal { throw StageFailure("\(place)\(refusal)") }
}

/// In one transaction; answers why nothing was done.
private func startOver(_ target: SQLiteTarget, _ sink: String) throws(SQLiteError) -> String? {
  let database = try Database(target.path, journal: .writeAheadIfNew)
  try database.begin()
  defer { database.rollback() }
  try SQLiteLedger.makeTable(in: database)
  if let refusal = try makeRoom(for: target, sink: sink, in: database) { return refusal }
  try SQLiteLedger.startOver(
    sink, target: target.table, keepsTable: target.existing == .append, in: database)
  try database.commit()
  return nil
}

/// Drops the table where that is allowed; answers why it is not.
private func makeRoom(
  for target: SQLiteTarget, sink: String, in database: Database
) throws(SQLiteError) -> String? {
  guard let kind = try SQLiteTable.kind(of: target.table, in: database) else { return nil }
  let named = "\(target.shown) has a \(kind) '\(target.table)'"
  if kind != "table" { return "\(named), which can't be written; name another table" }
  switch target.existing {
  case .append: return nil
  case .refuse: return "\(named), and 'existing: refuse' protects it; drop it, or name another"
  case .own:
    let makers = try SQLiteLedger.makers(of: target.table, in: database)
    guard makers.contains(where: { stage(of: $0) == stage(of: sink) }) else {
      return "\(named) that was not made by this pipeline; "
        + "drop it, or write 'existing: replace' or 'existing: append'"
    }
  case .replace: break
  }
  try database.execute("DROP TABLE \(Database.quoted(target.table))")
  return nil
}

/// A sink's name without the number of its slot: `late/write`.
private func stage(of sink: String) -> Substring {
  sink.lastIndex(of: ".").map { sink[..<$0] } ?? sink[...]
}
