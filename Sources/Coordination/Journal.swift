import POSIXKit

/// The supervisor's ``LogFile`` of ``JournalEntry``s.
package struct Journal: ~Copyable {
  private var log: LogFile

  /// Begins a journal whose first entry is given, in place of any other. Durable when it returns.
  package static func create(_ path: String, first: JournalEntry) throws(SystemCallError) -> Journal {
    Journal(log: try LogFile.create(path, entries: [first.encoded()]))
  }

  /// Opens a journal to append to it, and removes what a cut-off write left at its end.
  package static func open(_ path: String) throws(SystemCallError) -> Journal {
    Journal(log: try LogFile.open(path) { (try? JournalEntry(decoding: $0)) != nil })
  }

  private init(log: consuming LogFile) { self.log = log }

  /// The whole entries of a file, in the order in which they were written. It may be written meanwhile.
  package static func read(_ path: String) throws(SystemCallError) -> [JournalEntry] {
    var entries: [JournalEntry] = []
    try LogFile.read(path) { bytes in
      guard let entry = try? JournalEntry(decoding: bytes) else { return false }
      entries.append(entry)
      return true
    }
    return entries
  }

  /// Appends an entry. It survives the death of the machine when this returns.
  package mutating func append(_ entry: JournalEntry) throws(SystemCallError) {
    try log.append(entry.encoded())
  }
}
