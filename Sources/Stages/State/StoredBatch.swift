import Records
import SQLite

/// What a step with state made, as it is kept until it is done below: the records, and the letters of what it
/// refused.
package struct StoredBatch: Sendable {
  package var batch: StateOutput.Batch
  /// JSON texts, one a line.
  package var payload: [UInt8]
  /// A line table, or empty.
  package var lineTable: [UInt8]
  package var letters: Letters?

  /// Refused records, in the form in which the stage took them.
  package struct Letters: Sendable {
    package var count: Int
    package var format: RecordFormat
    package var framing: Framing
    package var provenance: Provenance
    package var fileStage: UInt16
    /// Encoded columns, for CSV.
    package var schema: [UInt8]
    /// What a `LetterWriter` wrote.
    package var payload: [UInt8]

    package init(
      count: Int, format: RecordFormat, framing: Framing, provenance: Provenance, fileStage: UInt16,
      schema: [UInt8], payload: [UInt8]
    ) {
      self.count = count
      self.format = format
      self.framing = framing
      self.provenance = provenance
      self.fileStage = fileStage
      self.schema = schema
      self.payload = payload
    }
  }

  static let table = """
    CREATE TABLE outgoing (
      sequence INTEGER PRIMARY KEY NOT NULL, records INTEGER NOT NULL, file_stage INTEGER NOT NULL,
      file INTEGER NOT NULL, offset INTEGER NOT NULL, line INTEGER NOT NULL, lines BLOB NOT NULL,
      letters INTEGER NOT NULL, letter_format INTEGER, letter_framing INTEGER, letter_file_stage INTEGER,
      letter_file INTEGER, letter_offset INTEGER, letter_line INTEGER, letter_schema BLOB,
      letter_payload BLOB, payload BLOB NOT NULL)
    """

  static let columns = """
    sequence, records, file_stage, file, offset, line, lines, letters, letter_format, letter_framing, \
    letter_file_stage, letter_file, letter_offset, letter_line, letter_schema, letter_payload, payload
    """

  static func insertion(in database: Database) throws(SQLiteError) -> Statement {
    try database.prepare(
      "INSERT INTO outgoing (\(columns)) "
        + "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)")
  }

  init(_ row: Statement) {
    batch = StateOutput.Batch(
      recordCount: Int(row.integer(1)),
      provenance: Provenance(
        file: UInt32(clamping: row.integer(3)), offset: UInt64(clamping: row.integer(4)),
        line: UInt64(clamping: row.integer(5))),
      fileStage: UInt16(clamping: row.integer(2)))
    lineTable = row.blob(6)
    payload = row.blob(16)
    if row.integer(7) > 0 {
      letters = Letters(
        count: Int(row.integer(7)), format: RecordFormat(rawValue: UInt8(clamping: row.integer(8))) ?? .json,
        framing: Framing(rawValue: UInt8(clamping: row.integer(9))) ?? .newline,
        provenance: Provenance(
          file: UInt32(clamping: row.integer(11)), offset: UInt64(clamping: row.integer(12)),
          line: UInt64(clamping: row.integer(13))),
        fileStage: UInt16(clamping: row.integer(10)), schema: row.blob(14), payload: row.blob(15))
    }
  }
}

extension StateStore {
  /// Keeps a numbered batch, durably from the next commit on.
  package func insert(
    _ sequence: UInt64, _ batch: StateOutput.Batch, payload: UnsafeRawBufferPointer,
    lineTable: UnsafeRawBufferPointer, letters: StoredBatch.Letters?
  ) throws(StageFailure) {
    try attempt { () throws(SQLiteError) in
      try begin()
      try insertion.bind(1, Int64(bitPattern: sequence))
      try insertion.bind(2, Int64(batch.recordCount))
      try insertion.bind(3, Int64(batch.fileStage))
      try insertion.bind(4, Int64(batch.provenance.file))
      try insertion.bind(5, Int64(clamping: batch.provenance.offset))
      try insertion.bind(6, Int64(clamping: batch.provenance.line))
      try insertion.bind(7, borrowingBlob: lineTable)
      try insertion.bind(8, Int64(letters?.count ?? 0))
      if let letters {
        try insertion.bind(9, Int64(letters.format.rawValue))
        try insertion.bind(10, Int64(letters.framing.rawValue))
        try insertion.bind(11, Int64(letters.fileStage))
        try insertion.bind(12, Int64(letters.provenance.file))
        try insertion.bind(13, Int64(clamping: letters.provenance.offset))
        try insertion.bind(14, Int64(clamping: letters.provenance.line))
        try insertion.bind(15, letters.schema)
        try insertion.bind(16, letters.payload)
      } else {
        for parameter in 9...16 { try insertion.bindNull(parameter) }
      }
      try insertion.bind(17, borrowingBlob: payload)
      try insertion.run()
    }
  }

  /// The numbers of the batches that are kept, ascending.
  package func storedSequences() throws(StageFailure) -> [UInt64] {
    try attempt { () throws(SQLiteError) in
      let statement = try database.prepare("SELECT sequence FROM outgoing ORDER BY sequence")
      var found: [UInt64] = []
      while try statement.step() { found.append(UInt64(bitPattern: statement.integer(0))) }
      return found
    }
  }

  /// A batch that is kept; nil where it is not.
  package func batch(_ sequence: UInt64) throws(StageFailure) -> StoredBatch? {
    try attempt { () throws(SQLiteError) in
      let statement = try database.prepare(
        "SELECT \(StoredBatch.columns) FROM outgoing WHERE sequence = ?1")
      try statement.bind(1, Int64(bitPattern: sequence))
      return try statement.step() ? StoredBatch(statement) : nil
    }
  }
}
