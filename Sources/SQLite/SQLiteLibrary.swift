import CSQLite

/// The SQLite that is loaded.
package enum SQLiteLibrary {
  package static var version: String { String(cString: sqlite3_libversion()) }

  package static var isThreadsafe: Bool { sqlite3_threadsafe() != 0 }
}
