import FoundationEssentials
import POSIXKit

/// `procession.log/1`: one object a line. Times are RFC 3339, in UTC, to the microsecond; what is not known is
/// left out.
extension LogRecord: Codable {
  private enum Key: String, CodingKey {
    case schema, time, level, pipeline, stage, slot, message, fields
  }

  private struct FieldKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private static let schema = "procession.log/1"

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Self.schema, forKey: .schema)
    try container.encode(WallClock.text(time, precise: true), forKey: .time)
    try container.encode(level.rawValue, forKey: .level)
    try container.encode(pipeline, forKey: .pipeline)
    try container.encodeIfPresent(stage, forKey: .stage)
    try container.encodeIfPresent(slot, forKey: .slot)
    try container.encode(message, forKey: .message)
    if fields.isEmpty { return }
    var known = container.nestedContainer(keyedBy: FieldKey.self, forKey: .fields)
    for field in fields {
      let key = FieldKey(stringValue: field.name)
      switch field.value {
      case .text(let value): try known.encode(value, forKey: key)
      case .integer(let value): try known.encode(value, forKey: key)
      // JSON has no word for the others.
      case .decimal(let value) where value.isFinite: try known.encode(value, forKey: key)
      case .decimal(let value): try known.encode("\(value)", forKey: key)
      case .truth(let value): try known.encode(value, forKey: key)
      case .lines(let value): try known.encode(value, forKey: key)
      }
    }
  }

  /// Fields come in the order of their names, and a decimal that is whole comes as an integer: JSON knows
  /// neither. Unknown names beside them are left to later versions.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    func invalid(_ key: Key, _ text: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: text)
    }
    let schema = try container.decode(String.self, forKey: .schema)
    guard schema == Self.schema else {
      throw invalid(.schema, "the schema is \(schema), and \(Self.schema) is known")
    }
    let time = try container.decode(String.self, forKey: .time)
    guard let nanoseconds = WallClock.time(of: time) else {
      throw invalid(.time, "\(time) is no time such as 2026-11-23T02:41:57.123456Z")
    }
    let level = try container.decode(String.self, forKey: .level)
    guard let known = Level(rawValue: level) else { throw invalid(.level, "\(level) is no level") }
    self.init(
      time: nanoseconds, level: known, pipeline: try container.decode(String.self, forKey: .pipeline),
      stage: try container.decodeIfPresent(String.self, forKey: .stage),
      slot: try container.decodeIfPresent(String.self, forKey: .slot),
      message: try container.decode(String.self, forKey: .message))
    guard container.contains(.fields) else { return }
    let values = try container.nestedContainer(keyedBy: FieldKey.self, forKey: .fields)
    for key in values.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
      fields.append((key.stringValue, try Self.value(of: key, in: values)))
    }
  }

  private static func value(
    of key: FieldKey, in values: KeyedDecodingContainer<FieldKey>
  ) throws -> Value {
    if let value = try? values.decode(Bool.self, forKey: key) { return .truth(value) }
    if let value = try? values.decode(Int64.self, forKey: key) { return .integer(value) }
    if let value = try? values.decode(Double.self, forKey: key) { return .decimal(value) }
    if let value = try? values.decode([String].self, forKey: key) { return .lines(value) }
    return .text(try values.decode(String.self, forKey: key))
  }

  /// Without the newline at the end.
  package var jsonLine: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Texts and finite numbers are all that there is to encode, which can't fail.
    return String(decoding: try! encoder.encode(self), as: UTF8.self)
  }

  /// Reads one line. Throws `DecodingError` for what is no record of a known schema.
  package init(jsonLine: some Sequence<UInt8>) throws {
    self = try JSONDecoder().decode(LogRecord.self, from: Data(jsonLine))
  }
}
