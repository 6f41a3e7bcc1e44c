import FoundationEssentials
import Records

/// One record of a batch: borrowed, and valid only during the call that hands it out.
public struct Record {
  /// A JSON text, or the record as it was read, as the type that it is handed to asks for
  /// (``RecordForm``). Without a newline.
  public let bytes: UnsafeRawBufferPointer
  /// The line in its input file on which it begins, counted from 1.
  public let line: UInt64
  /// Its position among the records that were handed over with it.
  let position: Int

  /// The record as a text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// A JSON record as a value of yours, by FoundationEssentials' decoder: for ease; at about 50 MB/s it is the
  /// slowest way to read one (``field(_:)`` builds nothing but what you ask for). Throws `DecodingError`.
  public func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(bytes))
  }

  /// The value of a top-level field of a JSON object; nil where there is none of this name, or no object.
  public func field(_ name: StaticString) -> Field? {
    name.withUTF8Buffer { field(UnsafeRawBufferPointer($0)) }
  }

  /// The same for a name that is known only at run time.
  public func field(named name: String) -> Field? {
    var name = name
    return name.withUTF8 { field(UnsafeRawBufferPointer($0)) }
  }

  private func field(_ name: UnsafeRawBufferPointer) -> Field? {
    guard var fields = try? JSONFields(bytes) else { return nil }
    var found: Field?
    while let member = try? fields.next() {
      // Of a doubled name the last one counts, as in jq.
      if matches(member, name) { found = Field(bytes: bytes.bytes(member.value), kind: member.kind) }
    }
    return found
  }

  private func matches(_ member: JSONMember, _ name: UnsafeRawBufferPointer) -> Bool {
    if !member.nameHasEscapes { return bytes.bytes(member.name).elementsEqual(name) }
    var plain = BatchBuffer(capacity: member.name.count)
    JSONString.unescape(bytes.bytes(member.name), into: &plain)
    return plain.withPayload { $0.elementsEqual(name) }
  }
}

/// A value within a JSON record: borrowed like the record.
public struct Field {
  /// The value's JSON text.
  public let bytes: UnsafeRawBufferPointer
  let kind: JSONKind

  /// The text of a JSON string, nil for anything else.
  public var string: String? {
    guard kind == .string else { return nil }
    let content = bytes.bytes(1..<bytes.count - 1)
    var plain = BatchBuffer(capacity: content.count)
    JSONString.unescape(content, into: &plain)
    return plain.withPayload { String(decoding: $0, as: UTF8.self) }
  }

  /// A JSON number, nil for anything else.
  public var double: Double? { kind == .number ? Double(json) : nil }

  /// A JSON number without fraction that an `Int` can hold, nil for anything else.
  public var int: Int? { kind == .number ? Int(json) : nil }

  /// A JSON boolean, nil for anything else.
  public var bool: Bool? { kind == .boolean ? json == "true" : nil }

  /// Whether it is JSON's null.
  public var isNull: Bool { kind == .null }

  /// The value's JSON text.
  public var json: String { String(decoding: bytes, as: UTF8.self) }
}

/// The form in which records are handed to a type of yours.
public enum RecordForm: Sendable {
  /// JSON texts: a CSV row is an object of its columns, a line a JSON string.
  case json
  /// As they travel: what is written must have the same form and columns.
  case asRead
}
