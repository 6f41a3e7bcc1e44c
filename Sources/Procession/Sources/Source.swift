/// A source of yours: reads from outside what can be read again.
///
/// One value of the type lives in each worker of the stage, on its one thread. A position is a number that the
/// type gives a meaning to: a row, a page, a byte. **The same position must always give the same records**, in
/// this process and in the next: after a death the source is asked again for what was not done yet, and what it
/// gives then must be what it gave before. For what can't be asked again there is ``LiveSource``.
public protocol Source: Configurable {
  /// Called in the worker before the first read. Several workers of a stage each read a share of their own:
  /// `worker.index` of `worker.count`.
  mutating func start(_ worker: WorkerInfo) throws

  /// Appends the records from a position on, about 256 KiB of them, and says what comes next. The first position
  /// is 0. May not wait for long: the worker does nothing else meanwhile.
  ///
  /// What is thrown ends the worker, which is started again as the stage's `restart` says; ``RunFailure`` ends
  /// the run.
  mutating func read(at position: UInt64, into output: inout SourceOutput) throws -> SourceReading
}

extension Source {
  /// Does nothing.
  public mutating func start(_ worker: WorkerInfo) throws {}
}

/// What a read of a ``Source`` came to.
public enum SourceReading: Sendable {
  /// The records that were appended are one batch, and the next one begins at this position.
  case batch(next: UInt64)
  /// There are no more records, now and later.
  case end
  /// Nothing was appended; ask again after this time.
  case wait(Duration)
}

/// Where a source of yours puts its records. For one thread.
public struct SourceOutput: ~Copyable {
  var writer: RecordWriter

  /// How many records were appended.
  public var count: Int { writer.count }

  /// Bytes that were appended.
  public var byteCount: Int { writer.byteCount }

  /// Appends one record as a JSON text. Throws ``OutputError`` where it is none.
  public mutating func append(_ text: String) throws { try writer.append(text) }

  /// The same with the bytes of a text.
  public mutating func append(bytes: UnsafeRawBufferPointer) throws { try writer.append(bytes) }

  /// Appends a value of yours as a JSON record, by FoundationEssentials' encoder: for ease, not for speed.
  /// Throws `EncodingError`.
  public mutating func append(_ value: some Encodable) throws { try writer.append(value) }
}
