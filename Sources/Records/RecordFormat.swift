/// What one record of a batch is. The raw values travel in batch headers and never change.
package enum RecordFormat: UInt8, Sendable {
  /// One JSON text.
  case json = 1
  /// One CSV row, quoted newlines and all; its columns are in the batch's schema.
  case csv = 2
  /// One line of text.
  case line = 3
}

/// How the records of a payload are told apart. The raw values travel in batch headers and never change.
package enum Framing: UInt8, Sendable {
  /// A record ends at each LF; none holds one.
  case newline = 1
  /// A record ends at each LF outside quotes (the grammar of ``CSVRowReader``).
  case csv = 2
  /// An offset table says where each record starts.
  case offsets = 3
}
