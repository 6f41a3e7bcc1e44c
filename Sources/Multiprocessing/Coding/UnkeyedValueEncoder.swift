struct UnkeyedValueEncoder: UnkeyedEncodingContainer {
  let encoder: ValueEncoder
  var codingPath: [any CodingKey] { [] }
  var count: Int { encoder.elementCount }

  private func next() -> ValueEncoder {
    encoder.countElements(1)
    return encoder
  }

  func encodeNil() { next().writeNull() }
  func encode(_ value: some Encodable) throws { try next().write(value) }
  func encode(_ value: Bool) { next().write(value) }
  func encode(_ value: String) { next().write(value) }
  func encode(_ value: Double) { next().write(value) }
  func encode(_ value: Float) { next().write(value) }
  func encode(_ value: Int) { next().write(value) }
  func encode(_ value: Int8) { next().write(value) }
  func encode(_ value: Int16) { next().write(value) }
  func encode(_ value: Int32) { next().write(value) }
  func encode(_ value: Int64) { next().write(value) }
  func encode(_ value: UInt) { next().write(value) }
  func encode(_ value: UInt8) { next().write(value) }
  func encode(_ value: UInt16) { next().write(value) }
  func encode(_ value: UInt32) { next().write(value) }
  func encode(_ value: UInt64) { next().write(value) }
  func encode(_ value: Int128) { next().write(value) }
  func encode(_ value: UInt128) { next().write(value) }

  /// Bytes in one go: what Foundation's `Data` writes.
  func encode<Bytes: Sequence>(contentsOf bytes: Bytes) where Bytes.Element == UInt8 {
    func write(_ buffer: UnsafeBufferPointer<UInt8>) {
      if buffer.isEmpty { return }
      encoder.countElements(buffer.count)
      encoder.part.write(.byte, tag: ValueTag.run, UnsafeRawBufferPointer(buffer))
    }
    if bytes.withContiguousStorageIfAvailable(write) == nil { Array(bytes).withUnsafeBufferPointer(write) }
  }

  func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) -> KeyedEncodingContainer<Inner> {
    next().nested().container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { next().nested().unkeyedContainer() }
  func superEncoder() -> any Encoder { next().nested() }
}
