import Records
import Stages

/// Where a ``StatefulStep`` puts its records: any number, for a record or at the end. For the thread and the call
/// that it is handed to.
public final class StateOutput {
  private let output: Stages.StateOutput
  /// The input's line that what is appended comes from.
  var line: UInt64 = 0
  private var scratch = RecordWriter(capacity: 1024)

  init(_ output: Stages.StateOutput) { self.output = output }

  /// Passes a record on as it is.
  public func append(_ record: Record) throws { try output.append(record.bytes, line: line) }

  /// Appends one record as a JSON text. Throws ``OutputError`` where it is none.
  public func append(_ text: String) throws {
    scratch.truncate(toBytes: 0, records: 0)
    try scratch.append(text)
    try pass()
  }

  /// The same with the bytes of a text.
  public func append(bytes: UnsafeRawBufferPointer) throws {
    scratch.truncate(toBytes: 0, records: 0)
    try scratch.append(bytes)
    try pass()
  }

  /// Appends a value of yours as a JSON record, by FoundationEssentials' encoder: for ease, not for speed.
  /// Throws `EncodingError`.
  public func append(_ value: some Encodable) throws {
    scratch.truncate(toBytes: 0, records: 0)
    try scratch.append(value)
    try pass()
  }

  private func pass() throws {
    try scratch.withBytes { bytes in
      try output.append(UnsafeRawBufferPointer(rebasing: bytes.dropLast()), line: line)
    }
  }
}
