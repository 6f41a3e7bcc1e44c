struct KeyedValueDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: ValueDecoder
  var codingPath: [any CodingKey] { [] }
  /// Empty where the bytes are broken; decoding then throws.
  var allKeys: [Key] { ((try? decoder.keyNames()) ?? []).compactMap { Key(stringValue: $0) } }

  func contains(_ key: Key) -> Bool { ((try? decoder.find(key)) ?? nil) != nil }

  private func value<Value>(
    _ key: Key, _ read: (DecodingMessage, inout Int) throws -> Value
  ) throws -> Value {
    guard var place = try decoder.find(key) else { throw decoder.message.missing(key) }
    let value = try read(decoder.message, &place)
    decoder.advance(to: place)
    return value
  }

  func decodeNil(forKey key: Key) throws -> Bool {
    guard let place = try decoder.find(key) else { throw decoder.message.missing(key) }
    return try decoder.message.tag(at: place) == ValueTag.null
  }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try value(key) { try $0.decode(type, at: &$1, depth: decoder.depth) }
  }

  func decode(_: Bool.Type, forKey key: Key) throws -> Bool { try value(key) { try $0.flag(at: &$1) } }
  func decode(_: String.Type, forKey key: Key) throws -> String { try value(key) { try $0.string(at: &$1) } }
  func decode(_: Double.Type, forKey key: Key) throws -> Double { try value(key) { try $0.double(at: &$1) } }
  func decode(_: Float.Type, forKey key: Key) throws -> Float { try value(key) { try $0.float(at: &$1) } }
  func decode(_: Int.Type, forKey key: Key) throws -> Int { try value(key) { try $0.integer(at: &$1) } }
  func decode(_: Int8.Type, forKey key: Key) throws -> Int8 { try value(key) { try $0.integer(at: &$1) } }
  func decode(_: Int16.Type, forKey key: Key) throws -> Int16 { try value(key) { try $0.integer(at: &$1) } }
  func decode(_: Int32.Type, forKey key: Key) throws -> Int32 { try value(key) { try $0.integer(at: &$1) } }
  func decode(_: Int64.Type, forKey key: Key) throws -> Int64 { try value(key) { try $0.integer(at: &$1) } }
  func decode(_: UInt.Type, forKey key: Key) throws -> UInt { try value(key) { try $0.integer(at: &$1) } }
  func decode(_: UInt8.Type, forKey key: Key) throws -> UInt8 { try value(key) { try $0.integer(at: &$1) } }
  func decode(_: UInt16.Type, forKey key: Key) throws -> UInt16 { try value(key) { try $0.integer(at: &$1) } }
  func decode(_: UInt32.Type, forKey key: Key) throws -> UInt32 { try value(key) { try $0.integer(at: &$1) } }
  func decode(_: UInt64.Type, forKey key: Key) throws -> UInt64 { try value(key) { try $0.integer(at: &$1) } }
  func decode(_: Int128.Type, forKey key: Key) throws -> Int128 { try value(key) { try $0.integer(at: &$1) } }
  func decode(_: UInt128.Type, forKey key: Key) throws -> UInt128 {
    try value(key) { try $0.integer(at: &$1) }
  }

  private func inner(_ key: some CodingKey) throws -> ValueDecoder {
    guard let place = try decoder.find(key) else { throw decoder.message.missing(key) }
    return try ValueDecoder(decoder.message, at: place, depth: decoder.depth + 1)
  }

  func nestedContainer<Inner: CodingKey>(
    keyedBy type: Inner.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Inner> { try inner(key).container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try inner(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { try inner(SuperKey()) }
  func superDecoder(forKey key: Key) throws -> any Decoder { try inner(key) }
}
