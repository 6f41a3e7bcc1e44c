import Records

/// One record that a stage could not work on, and why.
///
/// Its identity (origin, sequence, branch) and its file are those of the batch that carries it; its form and
/// columns too.
package struct Letter: Hashable, Sendable {
  package enum Cause: Hashable, Sendable {
    /// The record was refused with this text.
    case error(String)
    /// The record ended its workers, the last of them in this way ("SIGSEGV", "status 3", "deadline").
    case death(String)
  }

  /// Index in the batch that the stage took.
  package var record: UInt32
  /// Line of the record in its input file, counted from 1; 0 where it is not known.
  package var line: UInt64
  /// The step that refused it, counted from 1; 0 for the stage as a whole.
  package var step: UInt16
  package var cause: Cause
  /// How often it was tried.
  package var attempts: UInt32
  /// The worker that gave it up: `clean.1`.
  package var worker: String
  /// Nanoseconds since 1970.
  package var time: UInt64
  /// What the worker printed last, for a death.
  package var lastWords: String
  /// The record as the stage took it, without its newline.
  package var bytes: [UInt8]

  package init(
    record: UInt32, line: UInt64, step: UInt16 = 0, cause: Cause, attempts: UInt32 = 1, worker: String,
    time: UInt64, lastWords: String = "", bytes: [UInt8]
  ) {
    self.record = record
    self.line = line
    self.step = step
    self.cause = cause
    self.attempts = attempts
    self.worker = worker
    self.time = time
    self.lastWords = lastWords
    self.bytes = bytes
  }
}
