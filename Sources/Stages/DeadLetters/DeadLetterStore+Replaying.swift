import SQLite

/// Letters of one replay for one stage that can be one batch: they have one form and one schema, and follow
/// each other.
package struct LetterGroup: Hashable, Sendable {
  /// At least one, in the order of their ids.
  package var letters: [StoredLetter]
  /// Where the next group begins: an id.
  package var next: Int64
}

extension DeadLetterStore {
  /// Marks the dead letters that a filter means, its limit aside, for a replay. Answers how many.
  ///
  /// `replay` is a name that no replay had before. What a source finds under that name does not change until
  /// the replay is finished.
  @discardableResult
  package func mark(_ filter: LetterFilter, replay: String) throws(StageFailure) -> Int {
    var dead = filter
    dead.state = .dead
    return try update(
      "UPDATE letters SET state = 'replaying', replay = ?5 WHERE \(Self.condition(dead))", dead, replay)
  }

  /// All letters of a replay have been put back in and the run that did it is complete. Answers how many.
  @discardableResult
  package func finish(replay: String) throws(StageFailure) -> Int {
    try update(
      "UPDATE letters SET state = 'replayed' WHERE replay = ?5 AND state = 'replaying'", LetterFilter(),
      replay)
  }

  /// The letters of a replay are dead again: it was given up before any of them was put back in.
  @discardableResult
  package func abandon(replay: String) throws(StageFailure) -> Int {
    try update(
      "UPDATE letters SET state = 'dead', replay = NULL WHERE replay = ?5 AND state = 'replaying'",
      LetterFilter(), replay)
  }

  private func update(
    _ sql: String, _ filter: LetterFilter, _ replay: String
  ) throws(StageFailure) -> Int {
    try attempt { () throws(SQLiteError) in
      let statement = try database.prepare(sql)
      try Self.bind(filter, to: statement)
      try statement.bind(5, replay)
      try statement.run()
      return database.changes
    }
  }

  /// Letters that a replay was to put back in which nobody remembers are dead again. Answers how many.
  ///
  /// For whoever knows that no replay is unfinished.
  @discardableResult
  package func abandonAll() throws(StageFailure) -> Int {
    try attempt { () throws(SQLiteError) in
      try database.prepare("UPDATE letters SET state = 'dead', replay = NULL WHERE state = 'replaying'").run()
      return database.changes
    }
  }

  /// The stages at which dead letters that a filter means fell out, its limit aside.
  package func stages(_ filter: LetterFilter) throws(StageFailure) -> [String] {
    var dead = filter
    dead.state = .dead
    return try attempt { () throws(SQLiteError) in
      let statement = try database.prepare(
        "SELECT DISTINCT stage FROM letters WHERE \(Self.condition(dead)) ORDER BY stage")
      try Self.bind(dead, to: statement)
      return try Self.texts(statement)
    }
  }

  /// The input files that the letters of a replay for a stage come from.
  package func files(ofReplay replay: String, stage: String) throws(StageFailure) -> [String] {
    try attempt { () throws(SQLiteError) in
      let statement = try database.prepare(
        "SELECT DISTINCT file FROM letters WHERE replay = ?1 AND stage = ?2 ORDER BY file")
      try statement.bind(1, replay)
      try statement.bind(2, stage)
      return try Self.texts(statement)
    }
  }

  private static func texts(_ statement: Statement) throws(SQLiteError) -> [String] {
    var found: [String] = []
    while try statement.step() { found.append(statement.text(0)) }
    return found
  }

  /// The ids of all letters of a replay for a stage, ascending, and how long their records are.
  package func sizes(
    ofReplay replay: String, stage: String
  ) throws(StageFailure) -> [(id: Int64, bytes: Int)] {
    try attempt { () throws(SQLiteError) in
      let statement = try database.prepare(
        "SELECT id, length(bytes) FROM letters WHERE replay = ?1 AND stage = ?2 ORDER BY id")
      try statement.bind(1, replay)
      try statement.bind(2, stage)
      var found: [(id: Int64, bytes: Int)] = []
      while try statement.step() { found.append((statement.integer(0), Int(statement.integer(1)))) }
      return found
    }
  }

  /// How many letters a replay puts back in, or did.
  package func count(ofReplay replay: String) throws(StageFailure) -> Int {
    try attempt { () throws(SQLiteError) in
      let statement = try database.prepare("SELECT count(*) FROM letters WHERE replay = ?1")
      try statement.bind(1, replay)
      return try statement.step() ? Int(statement.integer(0)) : 0
    }
  }

  /// The stages that a replay puts letters back in at.
  package func stages(ofReplay replay: String) throws(StageFailure) -> [String] {
    try attempt { () throws(SQLiteError) in
      let statement = try database.prepare(
        "SELECT DISTINCT stage FROM letters WHERE replay = ?1 ORDER BY stage")
      try statement.bind(1, replay)
      return try Self.texts(statement)
    }
  }

  /// The letters of a replay for a stage from an id on, up to the first of another form or schema, to
  /// `mostLetters`, or to the one with which they exceed `mostBytes`; nil if none is left.
  ///
  /// The same arguments give the same letters, whatever is inserted, dropped or finished meanwhile.
  package func group(
    ofReplay replay: String, stage: String, from id: Int64, mostLetters: Int, mostBytes: Int
  ) throws(StageFailure) -> LetterGroup? {
    try attempt { () throws(SQLiteError) in
      let statement = try database.prepare(
        """
        SELECT \(Self.columns) FROM letters WHERE replay = ?1 AND stage = ?2 AND id >= ?3 ORDER BY id LIMIT ?4
        """)
      try statement.bind(1, replay)
      try statement.bind(2, stage)
      try statement.bind(3, id)
      try statement.bind(4, Int64(max(1, mostLetters)))
      var letters: [StoredLetter] = []
      var bytes = 0
      while bytes <= mostBytes, try statement.step() {
        let letter = Self.letter(statement)
        if let first = letters.first?.origin,
          first.format != letter.origin.format || first.schema != letter.origin.schema
        {
          break
        }
        letters.append(letter)
        bytes += letter.letter.bytes.count
      }
      return letters.last.map { LetterGroup(letters: letters, next: $0.id + 1) }
    }
  }
}
