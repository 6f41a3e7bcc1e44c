/// Turns `Codable` values into bytes and back, for two processes of one executable: arguments, results, errors.
///
/// A message is a format byte, the values, and where there are keyed containers a table of their keys, written
/// once each. Every value says what it is (`ValueTag`), so bytes that are none are refused, never trusted.
/// Numbers are little-endian. Strings, bytes and arrays of numbers are copied as a whole. As with JSON, an
/// optional inside an optional collapses; unlike it, all numbers are exact, NaN too. The format is not for
/// files: it may change with the executable.
///
/// Any thread may call it.
package enum ValueCoding {
  /// The deepest nesting that is written and read: deeper values would end in a stack overflow.
  package static let deepest = 1000

  /// Throws what the value's own `encode(to:)` throws, and `EncodingError` where it is nested too deep.
  package static func encode<Value: Encodable>(_ value: Value) throws -> [UInt8] {
    let encoder = ValueEncoder()
    try encoder.write(value)
    return encoder.message()
  }

  /// Several values as one message, to be decoded by `decode(all:from:)`.
  package static func encode<each Value: Encodable>(all values: repeat each Value) throws -> [UInt8] {
    let encoder = ValueEncoder()
    repeat try encoder.write(each values)
    return encoder.message()
  }

  /// Throws `DecodingError` for bytes that are not of this type, and what the type's own `init(from:)` throws.
  package static func decode<Value: Decodable>(
    _ type: Value.Type = Value.self, from bytes: [UInt8]
  ) throws -> Value {
    try bytes.withUnsafeBytes { try decode(type, from: $0) }
  }

  /// The same for bytes that are only lent.
  package static func decode<Value: Decodable>(
    _ type: Value.Type = Value.self, from bytes: UnsafeRawBufferPointer
  ) throws -> Value {
    let message = try DecodingMessage(bytes)
    var place = message.start
    let value = try message.decode(type, at: &place, depth: 0)
    try message.expectEnd(at: place)
    return value
  }

  /// The values of a message that `encode(all:)` made.
  package static func decode<each Value: Decodable>(
    all types: repeat (each Value).Type, from bytes: UnsafeRawBufferPointer
  ) throws -> (repeat each Value) {
    let message = try DecodingMessage(bytes)
    var place = message.start
    let values = (repeat try message.decode((each Value).self, at: &place, depth: 0))
    try message.expectEnd(at: place)
    return values
  }
}
