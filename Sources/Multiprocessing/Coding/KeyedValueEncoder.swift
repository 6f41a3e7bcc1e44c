struct KeyedValueEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: ValueEncoder
  var codingPath: [any CodingKey] { [] }

  private func place(_ key: Key) -> ValueEncoder {
    encoder.writeKey(key)
    return encoder
  }

  func encodeNil(forKey key: Key) { place(key).writeNull() }
  func encode(_ value: some Encodable, forKey key: Key) throws { try place(key).write(value) }
  func encode(_ value: Bool, forKey key: Key) { place(key).write(value) }
  func encode(_ value: String, forKey key: Key) { place(key).write(value) }
  func encode(_ value: Double, forKey key: Key) { place(key).write(value) }
  func encode(_ value: Float, forKey key: Key) { place(key).write(value) }
  func encode(_ value: Int, forKey key: Key) { place(key).write(value) }
  func encode(_ value: Int8, forKey key: Key) { place(key).write(value) }
  func encode(_ value: Int16, forKey key: Key) { place(key).write(value) }
  func encode(_ value: Int32, forKey key: Key) { place(key).write(value) }
  func encode(_ value: Int64, forKey key: Key) { place(key).write(value) }
  func encode(_ value: UInt, forKey key: Key) { place(key).write(value) }
  func encode(_ value: UInt8, forKey key: Key) { place(key).write(value) }
  func encode(_ value: UInt16, forKey key: Key) { place(key).write(value) }
  func encode(_ value: UInt32, forKey key: Key) { place(key).write(value) }
  func encode(_ value: UInt64, forKey key: Key) { place(key).write(value) }
  func encode(_ value: Int128, forKey key: Key) { place(key).write(value) }
  func encode(_ value: UInt128, forKey key: Key) { place(key).write(value) }

  func nestedContainer<Inner: CodingKey>(
    keyedBy type: Inner.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Inner> { place(key).nested().container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    place(key).nested().unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    encoder.writeKey(SuperKey())
    return encoder.nested()
  }

  func superEncoder(forKey key: Key) -> any Encoder { place(key).nested() }
}

/// The key of what a class's superclass writes.
struct SuperKey: CodingKey {
  var stringValue: String { "super" }
  var intValue: Int? { nil }
  init() {}
  init?(stringValue: String) {}
  init?(intValue: Int) { nil }
}
