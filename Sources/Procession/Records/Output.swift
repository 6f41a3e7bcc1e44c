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
  private var writer: RecordWriter
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
    writer = RecordWriter(headroom: headroom, capacity: capacity)
  }

  /// How many records were appended.
  public var count: Int { owners.count }

  /// Passes a record on as it is.
  public mutating func append(_ record: Record) throws {
    try begin(record.position)
    writer.appendUnchecked(record.bytes)
    owners.append(record.position)
  }

  /// Appends one record as a JSON text (or, where the step asks for records as they were read, in their form).
  ///
  /// `source` is the record that it was made of; a step that is handed single records may leave it out. Throws
  /// ``OutputError`` where the text is no JSON, or out of order.
  public mutating func append(_ text: String, from source: Record? = nil) throws {
    let position = try begin(source)
    switch form {
    case .json: try writer.append(text)
    case .asRead: try writer.append(asRead: text, isCSV: isCSV)
    }
    owners.append(position)
  }

  /// The same with the bytes of a text.
  public mutating func append(bytes: UnsafeRawBufferPointer, from source: Record? = nil) throws {
    let position = try begin(source)
    switch form {
    case .json: try writer.append(bytes)
    case .asRead: try writer.append(asRead: bytes, isCSV: isCSV)
    }
    owners.append(position)
  }

  /// Appends a value of yours as a JSON record, by FoundationEssentials' encoder: for ease, not for speed.
  /// Throws `EncodingError` and ``OutputError``.
  public mutating func append(_ value: some Encodable, from source: Record? = nil) throws {
    let position = try begin(source)
    try writer.append(value)
    owners.append(position)
  }

  /// Makes a dead letter of a record (or what `on_error` says), and goes on with the next.
  public mutating func refuse(_ record: Record, _ reason: String) {
    refuse(position: record.position, reason)
  }

  /// Hands over single records; what is thrown for one is its refusal.
  mutating func append(
    each batch: Batch, _ process: (Record, inout Output) throws -> Void
  ) throws {
    for record in batch {
      current = record.position
      do { try process(record, &self) } catch {
        if Trouble.concernsWorker(error) { throw error }
        refuse(record, "\(error)")
      }
    }
  }

  mutating func refuse(position: Int, _ reason: String) {
    if refusals.contains(where: { $0.position == position }) { return }
    if owners.last == position {
      writer.truncate(toBytes: ownerStart.bytes, records: ownerStart.count)
      owners.removeLast(owners.count - ownerStart.count)
    }
    refusals.append(Refusal(position: position, text: reason))
  }

  /// As it was before anything was done.
  mutating func removeAll() {
    writer.truncate(toBytes: 0, records: 0)
    owners.removeAll(keepingCapacity: true)
    refusals.removeAll()
    current = nil
    ownerStart = (0, 0)
  }

  consuming func takeBuffer() -> BatchBuffer { writer.takeBuffer() }

  /// What follows is made of this record, or of the one in hand.
  private mutating func begin(_ source: Record?) throws(OutputError) -> Int {
    guard let position = source?.position ?? current else { throw .unknownSource }
    try begin(position)
    return position
  }

  private mutating func begin(_ position: Int) throws(OutputError) {
    if let last = owners.last {
      if position < last { throw .outOfOrder }
      if position != last { ownerStart = (writer.byteCount, owners.count) }
    } else {
      ownerStart = (writer.byteCount, owners.count)
    }
    if refusals.contains(where: { $0.position == position }) { throw .refused }
  }
}

/// What is wrong with a record that a step appended.
public enum OutputError: Error, Equatable, CustomStringConvertible {
  /// The text is no JSON, for this reason.
  case notJSON(String)
  /// The text is not UTF-8.
  case notUTF8
  /// The text has a newline in it.
  case severalLines
  /// It was made of an earlier record than the one before it.
  case outOfOrder
  /// It does not say which record it was made of.
  case unknownSource
  /// The record that it was made of has been refused.
  case refused

  /// What is wrong, and what would be right.
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
