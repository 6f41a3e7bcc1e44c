import PipelineFile
import Records
import SQLite

/// Writes rows of a table: rows and the sink's place are one transaction, from one commit to the next.
///
/// The place, and the token that fences off earlier incarnations, are in the same database: `SQLiteLedger`. The
/// table has the declared columns, or is made for the first record's fields; one that exists decides by itself.
/// A dead writer's transaction is undone by whoever opens the database next.
final class SQLiteSink: StageSink {
  /// How long other writers of the database are waited for.
  static let patience = Duration.seconds(30)

  private let target: SQLiteTarget
  private let names: InputNames
  private let database: Database
  private let ledger: SQLiteLedger
  private var rows: SQLiteRowWriter?
  /// The table's, once there is one.
  private var columns: [String]?
  private var csv: SchemaRows?
  private var json = BatchBuffer(headroom: 0, capacity: 4096)
  private var records: UInt64
  private var bytes: UInt64

  let storedPosition: [UInt8]?
  var keepsPosition: Bool { true }

  /// Rows of one schema as JSON.
  private final class SchemaRows {
    let encodedSchema: [UInt8]
    var toJSON: CSVToJSON

    init(_ schema: CSVSchema, encoded: [UInt8]) {
      encodedSchema = encoded
      toJSON = CSVToJSON(schema: schema)
    }
  }

  /// Takes the table over from an earlier incarnation, which writes nothing from now on.
  ///
  /// `sink` is the name under which `prepareSQLiteOutput` started it.
  init(_ target: SQLiteTarget, sink: String, names: InputNames) throws(StageFailure) {
    self.target = target
    self.names = names
    let standing: SQLiteLedger.Standing?
    do throws(SQLiteError) {
      let opened = try Database(target.path, access: .existing, journal: .asIs, busy: Self.patience)
      database = opened
      standing = try opened.transaction { () throws(SQLiteError) in
        try SQLiteLedger.takeOver(sink, in: opened)
      }
    } catch {
      throw sqliteFailure(target.shown, error)
    }
    guard let standing else {
      throw StageFailure(
        "\(target.shown): error: it does not know how far \(sink) has come; "
          + "leave databases as they are during a run, or start over with --fresh")
    }
    ledger = standing.ledger
    storedPosition = standing.position
    records = standing.records
    bytes = standing.bytes
    try prepareTable()
  }

  /// Uses the table if there is one, and makes it if its columns are declared.
  private func prepareTable() throws(StageFailure) {
    try begin()
    var isGone = false
    do throws(SQLiteError) {
      if try SQLiteTable.find(target.table, in: database) == nil {
        isGone = records > 0
        if let columns = target.columns, !isGone { try make(columns, areDeclared: true) }
      }
      try useTable()
      try database.commit()
    } catch {
      database.rollback()
      throw sqliteFailure(target.shown, error)
    }
    if isGone {
      throw StageFailure(
        "\(target.shown): error: table '\(target.table)', to which \(records) records were committed, is gone; "
          + "leave databases as they are during a run, or start over with --fresh")
    }
    if let problem = columnProblem() {
      throw StageFailure("\(target.shown): error: table '\(target.table)' \(problem)")
    }
  }

  func write(_ batch: BatchView, errors: inout RecordErrors) throws(StageFailure) {
    if batch.recordCount == 0 { return }
    switch batch.format {
    case .json, .csv:
      try begin()
      do throws(StageFailure) {
        if batch.format == .json { try writeObjects(batch, &errors) } else { try writeRows(batch, &errors) }
      } catch {
        // What is not committed does not count, and nobody should wait for it.
        database.rollback()
        throw error
      }
    case .line:
      throw StageFailure(
        "\(names.place(of: 0, payloadLine: 0, in: batch)): error: a line of text has no columns; "
          + "make objects of lines with a map step before a sqlite sink")
    }
  }

  func commit(position: [UInt8]) throws(StageFailure) -> [UInt8] {
    try begin()
    do throws(SQLiteError) {
      try ledger.store(position: position, records: records, bytes: bytes)
      try database.commit()
    } catch {
      database.rollback()
      throw sqliteFailure(target.shown, error)
    }
    return []
  }

  /// Leaves one file: what the write-ahead log holds goes into the database, unless somebody reads it now.
  func finish() throws(StageFailure) { try? database.execute("PRAGMA wal_checkpoint(TRUNCATE)") }

  var summary: SinkSummary {
    SinkSummary(
      target: "\(target.shown) (\(target.table))", records: records, bytes: bytes, isDurable: true)
  }

  /// Begins a transaction unless one is open, and makes sure that no later incarnation has taken over.
  private func begin() throws(StageFailure) {
    if database.isInTransaction { return }
    do throws(SQLiteError) {
      try database.begin()
      if try ledger.isCurrent() { return }
    } catch {
      database.rollback()
      throw sqliteFailure(target.shown, error)
    }
    database.rollback()
    throw StageFailure(
      "\(target.shown): error: another incarnation of this sink has taken it over; this one writes nothing more"
    )
  }

  private func writeObjects(_ batch: BatchView, _ errors: inout RecordErrors) throws(StageFailure) {
    var reader = LineReader(batch.payload, skipsBlanks: true)
    var index = 0
    var condemned = 0
    while let range = reader.next() {
      if condemned < errors.condemned.count && errors.condemned[condemned] == UInt32(index) {
        condemned += 1
      } else {
        let record = batch.payload.bytes(range)
        do throws(SQLiteRowWriter.Problem) {
          try put(record)
        } catch {
          try refuse(record, index, reader.lineOffset, error, of: batch, &errors)
        }
      }
      index += 1
    }
  }

  private func writeRows(_ batch: BatchView, _ errors: inout RecordErrors) throws(StageFailure) {
    let rows = try schemaRows(of: batch)
    rows.toJSON.start(batch.payload)
    var condemned = 0
    while true {
      json.removeAll()
      var line = 0
      do throws(SQLiteRowWriter.Problem) {
        do throws(RecordError) {
          guard try rows.toJSON.next(into: &json) else { return }
          line = rows.toJSON.lineOffset
        } catch {
          line = error.line
          throw .refused(error.description)
        }
        if condemned < errors.condemned.count
          && errors.condemned[condemned] == UInt32(rows.toJSON.recordIndex)
        {
          condemned += 1
          continue
        }
        try json.withPayload { (record) throws(SQLiteRowWriter.Problem) in try put(record) }
      } catch {
        let index = rows.toJSON.recordIndex
        // A row that can't be read may be one that is passed over.
        if condemned < errors.condemned.count && errors.condemned[condemned] == UInt32(index) {
          condemned += 1
          continue
        }
        try refuse(batch.payload.bytes(rows.toJSON.rowRange), index, line, error, of: batch, &errors)
      }
    }
  }

  private func schemaRows(of batch: BatchView) throws(StageFailure) -> SchemaRows {
    if let csv, csv.encodedSchema.elementsEqual(batch.schema) { return csv }
    do {
      let made = SchemaRows(try CSVSchema(decoding: batch.schema), encoded: Array(batch.schema))
      csv = made
      return made
    } catch {
      throw StageFailure("a batch's schema can't be read: error: \(error)")
    }
  }

  private func put(_ record: UnsafeRawBufferPointer) throws(SQLiteRowWriter.Problem) {
    if rows == nil { try makeTable(for: record) }
    try rows!.write(record)
    records += 1
    bytes += UInt64(record.count)
  }

  private func refuse(
    _ record: UnsafeRawBufferPointer, _ index: Int, _ payloadLine: Int, _ problem: SQLiteRowWriter.Problem,
    of batch: BatchView, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    switch problem {
    case .failed(let error):
      throw sqliteFailure(target.shown, error)
    case .refused(let text):
      let place = names.place(of: index, payloadLine: payloadLine, in: batch)
      guard database.isInTransaction else {
        throw StageFailure("\(place): error: \(text); it undid all rows since the last commit")
      }
      let offset =
        batch.lineTable.isEmpty
        ? payloadLine : LineTableReader.line(of: index, in: batch.lineTable) ?? 0
      try errors.refuse(
        record: index, line: batch.provenance.line + UInt64(offset), text: text, bytes: record,
        failure: StageFailure("\(place): error: \(text)"))
    }
  }

  /// Makes the table that the first record asks for, unless another slot of the stage has made it meanwhile.
  private func makeTable(for record: UnsafeRawBufferPointer) throws(SQLiteRowWriter.Problem) {
    do throws(SQLiteError) {
      try useTable()
    } catch {
      throw .failed(error)
    }
    if let problem = columnProblem() { throw .refused("table '\(target.table)' \(problem)") }
    if rows != nil { return }
    let columns: [SQLiteTarget.Column]
    do throws(RecordFault) {
      columns = try SQLiteColumns.guessed(from: record)
    } catch {
      throw .refused(error.description)
    }
    for key in target.key where !columns.contains(where: { $0.name == key }) {
      throw .refused("column '\(key)' is the table's key and has no value; give it one")
    }
    guard !columns.isEmpty else {
      throw .refused("an object without fields makes no table; declare 'columns'")
    }
    do throws(SQLiteError) {
      try make(columns, areDeclared: false)
    } catch {
      guard error.primaryCode == 1, database.isInTransaction else { throw .failed(error) }
      throw .refused("no table can be made for its fields: \(error.message) (\(error.name))")
    }
    do throws(SQLiteError) { try useTable() } catch { throw .failed(error) }
  }

  private func make(_ columns: [SQLiteTarget.Column], areDeclared: Bool) throws(SQLiteError) {
    try SQLiteTable.make(target, columns: columns, areDeclared: areDeclared, in: database)
    try ledger.noteMade(in: database)
  }

  private func useTable() throws(SQLiteError) {
    guard let table = try SQLiteTable.find(target.table, in: database) else { return }
    let hasKey = target.key.allSatisfy { key in table.columns.contains { $0.name == key } }
    rows = try SQLiteRowWriter(table, key: hasKey ? target.key : [], in: database)
    columns = table.columns.map(\.name)
  }

  /// What the table lacks of what the plan says.
  private func columnProblem() -> String? {
    guard let columns else { return nil }
    let wanted = target.key + (target.columns ?? []).map(\.name)
    guard let missing = wanted.first(where: { !columns.contains($0) }) else { return nil }
    return "has no column '\(missing)' (it has \(columns.joined(separator: ", "))); "
      + "name its columns, or write 'existing: replace'"
  }
}

/// A database's error as the end of a stage.
func sqliteFailure(_ shown: String, _ error: SQLiteError) -> StageFailure {
  if error.isNoDatabase {
    return StageFailure("\(shown): error: it is no SQLite database; name another file, or move it away")
  }
  return StageFailure("\(shown): error: it can't be written: \(error.reason)")
}
