import FoundationEssentials
import Records
import Stages

/// Where a step of yours puts its records: any number for each that it was given, in the order of those.
///
/// A record that one of the appends was made for and that is refused afterwards, or whose processing throws,
/// takes all of its output back: it is delivered whole or not at all. For one thread.
public struct Output: ~Copyable {
  struct Refusal {
    var position: Int
    var text: String
  }

  private let form: RecordForm
  private let isCSV: Bool
  private var buffer: BatchBuffer
  /// Of each record that was appended, the position of the one that it was made of.
  private(set) var owners: [Int] = []
  private(set) var refusals: [Refusal] = []
  /// The record in hand, where they are handed over one by one.
  private var current: Int?
  /// Of the first record of the last owner: what is taken back with it.
  private var ownerStart = (bytes: 0, count: 0)

  init(form: RecordForm, isCSV: Bool, headroom: Int, capacity: Int) {
    self.form = form
    self.isCSV = isCSV
    buffer = BatchBuffer(headroom: headroom, capacity: capacity)
  }

  /// How many records were appended.
  public var count: Int { owners.count }

  /// Passes a record on as it is.
  public mutating func append(_ record: Record) throws {
    try begin(record.position)
    buffer.append(record.bytes)
    end(record.position)
  }

  /// Appends one record as a JSON text (or, where the step asks for records as they were read, in their form).
  ///
  /// `source` is the record that it was made of; a step that is handed single records may leave it out. Throws
  /// ``OutputError`` where the text is no JSON, or out of order.
  public mutating func append(_ text: String, from source: Record? = nil) throws {
    let position = try position(source)
    try begin(position)
    try write(text, position)
  }

  /// The same with the bytes of a text.
  public mutating func append(bytes: UnsafeRawBufferPointer, from source: Record? = nil) throws {
    let position = try position(source)
    try begin(position)
    try write(bytes, position)
  }

  /// Appends a value of yours as a JSON record, by FoundationEssentials' encoder: for ease, not for speed.
  /// Throws `EncodingError` and ``OutputError``.
  public mutating func append(_ value: some Encodable, from source: Record? = nil) throws {
    let position = try position(source)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(value)
    try begin(position)
    data.withUnsafeBytes { buffer.append($0) }
    end(position)
  }

  /// Makes a dead letter of a record (or what `on_error` says), and goes on with the next.
  public mutating func refuse(_ record: Record, _ reason: String) {
    refuse(position: record.position, reason)
  }

  mutating func startRecord(_ position: Int) { current = position }

  mutating func refuse(position: Int, _ reason: String) {
    if refusals.contains(where: { $0.position == position }) { return }
    if owners.last == position {
      buffer.truncate(to: ownerStart.bytes)
      owners.removeLast(owners.count - ownerStart.count)
    }
    refusals.append(Refusal(position: position, text: reason))
  }

  /// As it was before anything was done.
  mutating func removeAll() {
    buffer.removeAll()
    owners.removeAll(keepingCapacity: true)
    refusals.removeAll()
    current = nil
    ownerStart = (0, 0)
  }

  consuming func takeBuffer() -> BatchBuffer { buffer }

  private func position(_ source: Record?) throws(OutputError) -> Int {
    guard let position = source?.position ?? current else { throw .unknownSource }
    return position
  }

  private mutating func begin(_ position: Int) throws(OutputError) {
    if let last = owners.last {
      if position < last { throw .outOfOrder }
      if position != last { ownerStart = (buffer.count, owners.count) }
    } else {
      ownerStart = (buffer.count, owners.count)
    }
    if refusals.contains(where: { $0.position == position }) { throw .refused }
  }

  // Not inlined: the optimizer of Swift 6.3.1 crashes over it.
  @inline(never)
  private mutating func write(_ text: String, _ position: Int) throws(OutputError) {
    var failure: OutputError?
    var text = text
    text.withUTF8 { bytes in
      do throws(OutputError) { try write(UnsafeRawBufferPointer(bytes), position) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private mutating func write(_ bytes: UnsafeRawBufferPointer, _ position: Int) throws(OutputError) {
    switch form {
    case .json:
      if let error = JSONValidator.firstError(in: bytes) { throw .notJSON("\(error)") }
      if UTF8.firstInvalid(in: bytes) != nil { throw .notUTF8 }
      // A text of several lines is valid JSON, but a record is a line.
      if Bytes.first(0x0A, in: bytes) == nil {
        buffer.append(bytes)
      } else {
        JSONCompactor.append(bytes, into: &buffer)
      }
    case .asRead:
      if UTF8.firstInvalid(in: bytes) != nil { throw .notUTF8 }
      if !isCSV, Bytes.first(0x0A, in: bytes) != nil { throw .severalLines }
      buffer.append(bytes)
    }
    end(position)
  }

  private mutating func end(_ position: Int) {
    buffer.append(UInt8(ascii: "\n"))
    owners.append(position)
  }
}

/// What is wrong with a record that a step appended.
public enum OutputError: Error, Equatable, CustomStringConvertible {
  case notJSON(String)
  case notUTF8
  case severalLines
  case outOfOrder
  case unknownSource
  case refused

  public var description: String {
    switch self {
    case .notJSON(let text): "the step's record is no JSON: \(text)"
    case .notUTF8: "the step's record is no UTF-8"
    case .severalLines: "the step's record has several lines; a line is one record"
    case .outOfOrder: "the step's records must come in the order of those that they are made of"
    case .unknownSource:
      "the step does not say which record its output was made of: append(..., from: record)"
    case .refused: "the record was refused, and nothing can be made of it any more"
    }
  }
}
