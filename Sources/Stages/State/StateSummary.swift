import Glibc
import SQLite

/// What a store of state holds, for those who only look: a worker may be writing meanwhile.
package struct StateSummary: Sendable {
  /// As the last commit stored it; nil before the first.
  package var position: [UInt8]?
  /// Numbers of the batches that are not known to be done, ascending.
  package var outgoing: [UInt64]
  /// Keys that have a value.
  package var keys: UInt64

  /// `folder` is that of the slot; nil where it has no store.
  package init?(_ folder: String) throws(StageFailure) {
    let path = "\(folder)/\(StateStore.fileName)"
    guard access(path, F_OK) == 0 else { return nil }
    do throws(SQLiteError) {
      let database = try Database(path, access: .existing, journal: .asIs)
      // One whose making was cut short holds nothing.
      guard try database.integer("PRAGMA user_version") == StateStore.version else { return nil }
      let standing = try database.prepare("SELECT position FROM standing")
      position = try standing.step() && !standing.isNull(0) ? standing.blob(0) : nil
      let numbers = try database.prepare("SELECT sequence FROM outgoing ORDER BY sequence")
      outgoing = []
      while try numbers.step() { outgoing.append(UInt64(bitPattern: numbers.integer(0))) }
      keys = UInt64(clamping: try database.integer("SELECT count(*) FROM state"))
    } catch {
      throw StateStore.failure(path, error)
    }
  }
}
