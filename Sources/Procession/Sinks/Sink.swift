/// A sink of yours: writes records outside, in their order.
///
/// One value of the type lives in each worker of the stage, on its one thread. Batches are written in groups;
/// ``commit(_:)`` ends a group. After a death what was not committed is written again, by a new value.
///
/// **Exactly once** needs an outside that stores, in one transaction, what was written and the position that
/// ``commit(_:)`` is given, and gives it back in ``open(_:)``: say so with ``keepsPosition``. Otherwise the run
/// stores the position right after ``commit(_:)``; a death between the two writes the group once more, so that
/// the outside gets each record at least once. A position is to be stored under ``WorkerInfo/name``, which a
/// replay of dead letters has another of; it is of a few hundred bytes, and means nothing to the outside.
public protocol Sink: Configurable {
  /// The form in which records are handed over; JSON texts unless the type says otherwise.
  static var form: RecordForm { get }

  /// Whether the outside stores the position with the data.
  static var keepsPosition: Bool { get }

  /// Called in the worker before the first batch. Returns the position of the last commit that the outside
  /// holds, nil where there is none, or where it keeps none.
  mutating func open(_ worker: WorkerInfo) throws -> [UInt8]?

  /// Writes a batch. What is thrown is blamed on a single record: nothing of the batch may stay written then, and
  /// it is handed over again, one record at a time; those that throw become dead letters (or what the stage's
  /// `on_error` says). ``Unavailable`` ends the worker, which is started again after a while, and
  /// ``RunFailure`` the run.
  mutating func write(_ batch: Batch) throws

  /// Makes all that was written durable, together with the position where ``keepsPosition`` says so. What is
  /// thrown ends the worker, which is started again; ``RunFailure`` ends the run.
  mutating func commit(_ position: [UInt8]) throws

  /// All input is written and committed. Called once more where a run ends after it.
  mutating func finish() throws
}

extension Sink {
  /// JSON texts.
  public static var form: RecordForm { .json }

  /// No.
  public static var keepsPosition: Bool { false }

  /// Does nothing; there is no position.
  public mutating func open(_ worker: WorkerInfo) throws -> [UInt8]? { nil }

  /// Does nothing.
  public mutating func finish() throws {}
}

/// A sink that is handed single records.
public protocol RecordSink: Sink {
  /// Writes a record. What is thrown makes a dead letter of it (or what the stage's `on_error` says):
  /// nothing of it may stay written then.
  mutating func write(_ record: Record) throws
}

extension RecordSink {
  /// Hands over a record; batches come one record at a time.
  public mutating func write(_ batch: Batch) throws {
    for record in batch { try write(record) }
  }
}
