import PipelineFile
import SQLite
import Stages
import TestSupport

/// A table in a folder's database, and the sinks that write it.
extension TemporaryFolder {
  func target(
    key: [String] = [], columns: [SQLiteTarget.Column]? = nil, existing: SinkPlan.Existing = .own,
    table: String = "t"
  ) -> SQLiteTarget {
    SQLiteTarget(
      path: file("out.db"), shown: "out.db", table: table, key: key, columns: columns, existing: existing)
  }

  /// Starts a new run of the sink.
  func start(_ target: SQLiteTarget, sink: String = "p/write.0") throws {
    try prepareSQLiteOutput(target, sink: sink, position: .test)
  }

  /// The sink's next incarnation.
  func open(_ target: SQLiteTarget, sink: String = "p/write.0") throws -> any StageSink {
    try makeSink(
      SinkPlan(target: .sqlite(target), format: .jsonLines, position: .test), name: sink, slot: 0,
      of: 1, names: names, state: nil, folder: "", ownerFile: file("owned"), standardOutput: 1, intent: 0,
      noteIntent: { _ in })
  }

  /// All rows of a query, each value as SQL would write it.
  func rows(_ sql: String = "SELECT * FROM t ORDER BY rowid") throws -> [String] {
    let database = try Database(file("out.db"), access: .existing, journal: .asIs)
    let columns = try database.prepare("SELECT * FROM (\(sql)) LIMIT 0").columnCount
    let quoted = (0..<columns).map { "quote(c\($0))" }.joined(separator: " || ' ' || ")
    let names = (0..<columns).map { "c\($0)" }.joined(separator: ", ")
    let statement = try database.prepare("WITH q (\(names)) AS (\(sql)) SELECT \(quoted) FROM q")
    var found: [String] = []
    while try statement.step() { found.append(statement.text(0)) }
    return found
  }

  func tableCount(_ name: String) throws -> Int64 {
    try Database(file("out.db"), access: .existing, journal: .asIs)
      .integer("SELECT count(*) FROM sqlite_schema WHERE name = '\(name)'")
  }
}

/// The text of what `body` throws.
func failureText(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}

extension StageSink {
  /// Writes with refused records kept as letters.
  func writeKeeping(_ batches: [OwnedBatch], condemned: [UInt32] = []) throws -> [Letter] {
    var letters: [Letter] = []
    for batch in batches {
      var errors = RecordErrors(policy: .deadLetter, worker: "write.0")
      errors.condemned = condemned
      try batch.withView { try write($0, errors: &errors) }
      letters += errors.takeLetters()
    }
    return letters
  }
}
