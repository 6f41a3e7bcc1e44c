import Records
import SQLite

/// Reading letters, and changing what becomes of them. Each call is one transaction.
extension DeadLetterStore {
  /// The letters that a filter means, oldest first, one at a time; `body` says whether to go on.
  package func read(_ filter: LetterFilter, _ body: (StoredLetter) -> Bool) throws(StageFailure) {
    try attempt { () throws(SQLiteError) in
      // The newest so many, but in the order in which they came.
      let newest = filter.limit == nil ? "" : "ORDER BY id DESC LIMIT ?6"
      let statement = try database.prepare(
        "SELECT \(Self.columns) FROM letters WHERE id IN "
          + "(SELECT id FROM letters WHERE \(Self.condition(filter)) \(newest)) ORDER BY id")
      try Self.bind(filter, to: statement)
      if let limit = filter.limit { try statement.bind(6, Int64(limit)) }
      while try statement.step() { if !body(Self.letter(statement)) { break } }
    }
  }

  package func letters(_ filter: LetterFilter = LetterFilter()) throws(StageFailure) -> [StoredLetter] {
    var found: [StoredLetter] = []
    try read(filter) { letter in
      found.append(letter)
      return true
    }
    return found
  }

  package func letter(_ id: Int64) throws(StageFailure) -> StoredLetter? {
    try letters(LetterFilter(ids: [id])).first
  }

  /// How many letters a filter means; its limit does not matter.
  package func count(_ filter: LetterFilter = LetterFilter()) throws(StageFailure) -> Int {
    try attempt { () throws(SQLiteError) in
      let statement = try database.prepare(
        "SELECT count(*) FROM letters WHERE \(Self.condition(filter))")
      try Self.bind(filter, to: statement)
      return try statement.step() ? Int(statement.integer(0)) : 0
    }
  }

  /// Removes the letters that a filter means, its limit aside, unless they are being replayed. Answers how many.
  @discardableResult
  package func drop(_ filter: LetterFilter) throws(StageFailure) -> Int {
    try attempt { () throws(SQLiteError) in
      let statement = try database.prepare(
        "DELETE FROM letters WHERE state <> 'replaying' AND \(Self.condition(filter))")
      try Self.bind(filter, to: statement)
      try statement.run()
      return database.changes
    }
  }

  /// Removes the letters from before a time (nanoseconds since 1970), unless they are being replayed. Part of
  /// the transaction of the letters inserted since the last commit, if there are any. Answers how many.
  @discardableResult
  package func drop(olderThan time: UInt64) throws(StageFailure) -> Int {
    try attempt { () throws(SQLiteError) in
      let statement = try database.prepare(
        "DELETE FROM letters WHERE state <> 'replaying' AND time < ?1")
      try statement.bind(1, Int64(clamping: time))
      try statement.run()
      return database.changes
    }
  }

  static let columns = """
    id, state, replay, run, stage, origin, slot, sequence, branch, format, schema, file, record, line, step, \
    kind, cause, attempts, worker, time, last_words, bytes
    """

  /// Parameters 1 to 5 are the filter's; those that it does not use stay unbound, and out of the text.
  static func condition(_ filter: LetterFilter) -> String {
    var parts = ["1"]
    if let ids = filter.ids { parts.append("id IN (\(ids.map(String.init).joined(separator: ", ")))") }
    if filter.stage != nil { parts.append("stage = ?1") }
    if filter.cause != nil { parts.append("(kind = ?2 OR instr(cause, ?2) > 0)") }
    if filter.since != nil { parts.append("time >= ?3") }
    if filter.state != nil { parts.append("state = ?4") }
    return parts.joined(separator: " AND ")
  }

  static func bind(_ filter: LetterFilter, to statement: Statement) throws(SQLiteError) {
    if let stage = filter.stage { try statement.bind(1, stage) }
    if let cause = filter.cause { try statement.bind(2, cause) }
    if let since = filter.since { try statement.bind(3, Int64(clamping: since)) }
    if let state = filter.state { try statement.bind(4, state.rawValue) }
  }

  static func letter(_ row: Statement) -> StoredLetter {
    let format: RecordFormat =
      switch row.text(9) {
      case "json": .json
      case "csv": .csv
      default: .line
      }
    let origin = LetterOrigin(
      run: UInt64(row.text(3), radix: 16) ?? 0, stage: row.text(4), origin: row.text(5),
      slot: UInt16(clamping: row.integer(6)), sequence: UInt64(bitPattern: row.integer(7)),
      branch: UInt64(row.text(8), radix: 16) ?? 0, format: format, schema: row.blob(10), file: row.text(11))
    let cause = row.text(16)
    let letter = Letter(
      record: UInt32(clamping: row.integer(12)), line: UInt64(clamping: row.integer(13)),
      step: UInt16(clamping: row.integer(14)), cause: row.text(15) == "death" ? .death(cause) : .error(cause),
      attempts: UInt32(clamping: row.integer(17)), worker: row.text(18),
      time: UInt64(clamping: row.integer(19)), lastWords: row.text(20), bytes: row.blob(21))
    return StoredLetter(
      id: row.integer(0), state: StoredLetter.State(rawValue: row.text(1)) ?? .dead,
      replay: row.isNull(2) ? nil : row.text(2), origin: origin, letter: letter)
  }
}
