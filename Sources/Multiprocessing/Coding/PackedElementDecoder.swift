/// For one element of a packed array that is read by a type of its own.
struct PackedElementDecoder: Decoder, SingleValueDecodingContainer {
  let element: PackedRun.Element
  let message: DecodingMessage
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    throw message.doesNotFit(type)
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw message.doesNotFit([Any].self) }
  func singleValueContainer() -> any SingleValueDecodingContainer { self }
  func decodeNil() -> Bool { false }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: self) }
  func decode(_ type: Bool.Type) throws -> Bool { throw message.doesNotFit(type) }
  func decode(_ type: String.Type) throws -> String { throw message.doesNotFit(type) }
  func decode(_: Double.Type) throws -> Double { try fitting(element.double()) }
  func decode(_: Float.Type) throws -> Float { try fitting(element.float()) }
  func decode(_: Int.Type) throws -> Int { try fitting(element.integer()) }
  func decode(_: Int8.Type) throws -> Int8 { try fitting(element.integer()) }
  func decode(_: Int16.Type) throws -> Int16 { try fitting(element.integer()) }
  func decode(_: Int32.Type) throws -> Int32 { try fitting(element.integer()) }
  func decode(_: Int64.Type) throws -> Int64 { try fitting(element.integer()) }
  func decode(_: Int128.Type) throws -> Int128 { try fitting(element.integer()) }
  func decode(_: UInt.Type) throws -> UInt { try fitting(element.integer()) }
  func decode(_: UInt8.Type) throws -> UInt8 { try fitting(element.integer()) }
  func decode(_: UInt16.Type) throws -> UInt16 { try fitting(element.integer()) }
  func decode(_: UInt32.Type) throws -> UInt32 { try fitting(element.integer()) }
  func decode(_: UInt64.Type) throws -> UInt64 { try fitting(element.integer()) }
  func decode(_: UInt128.Type) throws -> UInt128 { try fitting(element.integer()) }

  private func fitting<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw message.doesNotFit(Value.self) }
    return value
  }
}
