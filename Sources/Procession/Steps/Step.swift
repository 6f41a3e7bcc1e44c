/// A step of yours: makes any number of records of each that it is given.
///
/// A pipeline file names it by `use`. One value of the type lives in each worker of the stage, on its one
/// thread, and is handed one batch after the other. The same records must give the same output whenever they
/// come again (after a death they do): what depends on the clock, on randomness or on other records makes the
/// promise of exactly once "at least once", and belongs into a ``StatefulStep``.
///
/// Batch-wise for speed; ``RecordStep`` is the easier kind.
public protocol Step: Configurable {
  /// The form in which records are handed over; JSON texts unless the type says otherwise.
  static var form: RecordForm { get }

  /// Called in the worker before the first batch: to open files, to connect. What it throws ends the worker,
  /// which is started again as the stage's `restart` says.
  mutating func start(_ worker: WorkerInfo) throws

  /// Makes the output of a batch.
  ///
  /// `output.refuse` makes a dead letter of one record. What is thrown is blamed on a single record: the batch
  /// is handed over again, one record at a time, and those that throw then become dead letters (or what the
  /// stage's `on_error` says). ``Unavailable`` ends the worker instead, which is started again after a while, and
  /// ``RunFailure`` the run.
  mutating func process(_ batch: Batch, into output: inout Output) throws
}

extension Step {
  /// JSON texts.
  public static var form: RecordForm { .json }

  /// Does nothing.
  public mutating func start(_ worker: WorkerInfo) throws {}
}

/// A step that is handed single records.
public protocol RecordStep: Step {
  /// Makes the output of a record: `output.append` any number of times. What is thrown makes a dead letter of
  /// the record (or what the stage's `on_error` says) and takes its output back. ``RunFailure`` ends the run
  /// instead.
  mutating func process(_ record: Record, into output: inout Output) throws
}

extension RecordStep {
  /// Hands over the records one by one.
  public mutating func process(_ batch: Batch, into output: inout Output) throws {
    try output.append(each: batch) { try process($0, into: &$1) }
  }
}

/// Which worker a value of yours lives in.
public struct WorkerInfo: Sendable {
  /// `clean.0`.
  public let name: String
  /// Its number among the stage's workers, from 0.
  public let index: Int
  /// How many workers the stage was declared with.
  public let count: Int
}

/// Thrown where the whole run can't go on: it ends with this text and status 1, whatever `on_error` says.
public struct RunFailure: Error, Sendable, CustomStringConvertible {
  /// What the run ends with.
  public let description: String

  /// `description` says what is wrong and what would be right.
  public init(_ description: String) { self.description = description }
}
