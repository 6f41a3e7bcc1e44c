import Glibc
import Records
import SQLite

/// What a worker of a stage with state keeps: values by key, the batches that it has numbered and that are not
/// known to be done, and its place in its inputs. `state.sqlite` in the folder of its slot.
///
///     state     key, value: bytes
///     outgoing  one row for each numbered batch: see `StoredBatch`
///     standing  one row: fence, which grows by one with each incarnation, and the encoded place
///
/// All changes from one ``commit(position:removing:)`` to the next are one transaction, durable when it returns.
/// Values are read and changed in a cache that is bounded to ``cacheBytes`` and stored with the commit, so that
/// a hot key costs neither a query nor a statement for each record. For one thread.
package final class StateStore {
  /// The store's name in the folder of its slot.
  package static let fileName = "state.sqlite"
  /// Bytes of values and keys in memory, from which on all that is stored is forgotten.
  package static let cacheBytes = 64 << 20
  static let version: Int64 = 1
  /// Pages of the write-ahead log from which on they are moved to the database, 4 KiB each.
  private static let logPages = 8192

  let database: Database
  private var cache = StateCache()
  private let cacheLimit: Int
  private let reading: Statement
  private let writing: Statement
  private let removal: Statement
  private let page: Statement
  private let lastPage: Statement
  private let fencing: Statement
  private let fence: Int64
  let insertion: Statement
  private let outgoingRemoval: Statement
  private let positioning: Statement
  /// What the last commit stored, of this incarnation or an earlier one; nil before the first.
  package let storedPosition: [UInt8]?
  /// Why the store can't be relied on any more: whoever drives the step ends the run, whatever the step made of
  /// the error.
  package private(set) var failure: StageFailure?

  /// Opens the store, making it where it is missing, and fences off earlier incarnations.
  package init(_ path: String, cacheBytes: Int = StateStore.cacheBytes) throws(StageFailure) {
    cacheLimit = cacheBytes
    do throws(SQLiteError) {
      let opened = try Database(path, journal: .writeAhead)
      database = opened
      try opened.execute("PRAGMA wal_autocheckpoint = \(Self.logPages)")
      try Self.prepare(opened)
      let standing = try opened.transaction { () throws(SQLiteError) in
        let update = try opened.prepare("UPDATE standing SET fence = fence + 1 RETURNING fence, position")
        _ = try update.step()
        let found = (update.integer(0), update.isNull(1) ? nil : update.blob(1))
        update.reset()
        return found
      }
      fence = standing.0
      storedPosition = standing.1
      reading = try opened.prepare("SELECT value FROM state WHERE key = ?1")
      writing = try opened.prepare(
        "INSERT INTO state (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2")
      removal = try opened.prepare("DELETE FROM state WHERE key = ?1")
      page = try opened.prepare(
        "SELECT key, value FROM state WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT \(Self.pageRows)")
      lastPage = try opened.prepare(
        "SELECT key, value FROM state WHERE key >= ?1 ORDER BY key LIMIT \(Self.pageRows)")
      fencing = try opened.prepare("SELECT fence FROM standing")
      insertion = try StoredBatch.insertion(in: opened)
      outgoingRemoval = try opened.prepare("DELETE FROM outgoing WHERE sequence = ?1")
      positioning = try opened.prepare("UPDATE standing SET position = ?1")
    } catch {
      throw Self.failure(path, error)
    }
  }

  private static func prepare(_ database: Database) throws(SQLiteError) {
    if try database.integer("PRAGMA user_version") == version { return }
    try database.transaction { () throws(SQLiteError) in
      let found = try database.integer("PRAGMA user_version")
      guard found == 0 else {
        throw SQLiteError(
          code: 1, message: "it has format \(found), and this version knows format \(version)",
          path: database.path)
      }
      try database.execute(
        """
        CREATE TABLE state (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE standing (fence INTEGER NOT NULL, position BLOB);
        INSERT INTO standing (fence) VALUES (0);
        \(StoredBatch.table);
        PRAGMA user_version = \(version)
        """)
    }
  }

  /// Removes a store; nothing where there is none.
  package static func remove(in folder: String) {
    for suffix in ["", "-wal", "-shm", "-journal"] { unlink("\(folder)/\(fileName)\(suffix)") }
  }

  /// Begins a record: ``takeBack()`` undoes what is changed from here on.
  package func mark() throws(StageFailure) {
    cache.mark()
    if cache.byteCount <= cacheLimit { return }
    try storeChanges()
    cache.removeAll()
  }

  /// Undoes all changes since ``mark()``.
  package func takeBack() { cache.takeBack() }

  /// The value of a key, or nil. Valid until the next call of the store.
  package func value(_ key: UnsafeRawBufferPointer) throws(StageFailure) -> UnsafeRawBufferPointer? {
    try cache.value(entry(key))
  }

  /// The same, copied.
  package func get(_ key: [UInt8]) throws(StageFailure) -> [UInt8]? {
    try key.withUnsafeBufferPointer { (key) throws(StageFailure) in
      try value(UnsafeRawBufferPointer(key)).map { Array($0) }
    }
  }

  /// Changes the value of a key; both are copied.
  package func set(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(StageFailure) {
    try cache.change(entry(key), to: value)
  }

  package func set(_ key: [UInt8], _ value: [UInt8]) throws(StageFailure) {
    try key.withUnsafeBufferPointer { (key) throws(StageFailure) in
      try value.withUnsafeBufferPointer { (value) throws(StageFailure) in
        try set(UnsafeRawBufferPointer(key), UnsafeRawBufferPointer(value))
      }
    }
  }

  /// Removes a key; nothing where it has no value.
  package func remove(_ key: UnsafeRawBufferPointer) throws(StageFailure) {
    let entry = try entry(key)
    if cache.value(entry) != nil { cache.change(entry, to: nil) }
  }

  package func remove(_ key: [UInt8]) throws(StageFailure) {
    try key.withUnsafeBufferPointer { (key) throws(StageFailure) in try remove(UnsafeRawBufferPointer(key)) }
  }

  /// Rows that are read at once.
  private static let pageRows = 256

  /// Hands over the keys that begin with `prefix`, in the order of their bytes, with their values, until `body`
  /// answers false.
  ///
  /// `body` may change the state: of keys behind the one in hand, it may meet the value before or after.
  package func each(
    prefix: [UInt8] = [], _ body: (_ key: [UInt8], _ value: [UInt8]) -> Bool
  ) throws(StageFailure) {
    let end = Self.end(ofPrefix: prefix)
    var start = prefix
    while true {
      let rows = try rows(from: start, to: end)
      for (key, value) in rows { if !body(key, value) { return } }
      guard rows.count == Self.pageRows, let last = rows.last else { return }
      // The next key there can be.
      start = last.0 + [0]
    }
  }

  private func rows(from start: [UInt8], to end: [UInt8]?) throws(StageFailure) -> [([UInt8], [UInt8])] {
    try storeChanges()
    return try attempt { () throws(SQLiteError) in
      let statement = end == nil ? lastPage : page
      try statement.bind(1, start)
      if let end { try statement.bind(2, end) }
      var rows: [([UInt8], [UInt8])] = []
      while try statement.step() { rows.append((statement.blob(0), statement.blob(1))) }
      statement.reset()
      return rows
    }
  }

  /// The first key behind all that begin with a prefix; nil where there is none.
  private static func end(ofPrefix prefix: [UInt8]) -> [UInt8]? {
    var end = prefix
    while let last = end.popLast() {
      if last < 0xFF { return end + [last + 1] }
    }
    return nil
  }

  private func entry(_ key: UnsafeRawBufferPointer) throws(StageFailure) -> Int {
    let hash = StateCache.hash(key)
    if let known = cache.find(key, hash) { return known }
    return try attempt { () throws(SQLiteError) in
      try reading.bind(1, borrowingBlob: key)
      defer { reading.reset() }
      return cache.learn(key, hash, try reading.step() ? reading.bytes(0) : nil)
    }
  }

  /// Opens the transaction, unless it is open. Throws where a later incarnation has the store.
  func begin() throws(SQLiteError) {
    if database.isInTransaction { return }
    try database.begin()
    defer { fencing.reset() }
    guard try fencing.step(), fencing.integer(0) == fence else {
      throw SQLiteError(code: 1, message: "another process has taken it over", path: database.path)
    }
  }

  /// Hands what was changed to SQLite, in the open transaction.
  private func storeChanges() throws(StageFailure) {
    if !cache.hasChanges { return }
    try attempt { () throws(SQLiteError) in
      try begin()
      try cache.store { (key, value) throws(SQLiteError) in
        guard let value else {
          try removal.bind(1, borrowingBlob: key)
          return try removal.run()
        }
        try writing.bind(1, borrowingBlob: key)
        try writing.bind(2, borrowingBlob: value)
        try writing.run()
      }
    }
  }

  /// Makes everything since the last commit durable, with the caller's place, and forgets outgoing batches.
  package func commit(position: [UInt8], removing sequences: [UInt64]) throws(StageFailure) {
    cache.mark()
    try storeChanges()
    try attempt { () throws(SQLiteError) in
      try begin()
      for sequence in sequences {
        try outgoingRemoval.bind(1, Int64(bitPattern: sequence))
        try outgoingRemoval.run()
      }
      try positioning.bind(1, position)
      try positioning.run()
      try database.commit()
    }
  }

  /// Runs what SQLite may refuse, for callers that know stages' failures only; a refusal is remembered.
  func attempt<R>(_ body: () throws(SQLiteError) -> R) throws(StageFailure) -> R {
    do throws(SQLiteError) {
      return try body()
    } catch {
      let failed = Self.failure(database.path, error)
      failure = failure ?? failed
      throw failed
    }
  }

  static func failure(_ path: String, _ error: SQLiteError) -> StageFailure {
    StageFailure("\(path): error: the state of a stage can't be read or kept: \(error.reason)")
  }
}
