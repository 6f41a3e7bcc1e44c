struct SingleValueEncoder: SingleValueEncodingContainer {
  let encoder: ValueEncoder
  var codingPath: [any CodingKey] { [] }

  private func only() -> ValueEncoder {
    encoder.markWritten()
    return encoder
  }

  func encodeNil() { only().writeNull() }
  func encode(_ value: some Encodable) throws { try only().write(value) }
  func encode(_ value: Bool) { only().write(value) }
  func encode(_ value: String) { only().write(value) }
  func encode(_ value: Double) { only().write(value) }
  func encode(_ value: Float) { only().write(value) }
  func encode(_ value: Int) { only().write(value) }
  func encode(_ value: Int8) { only().write(value) }
  func encode(_ value: Int16) { only().write(value) }
  func encode(_ value: Int32) { only().write(value) }
  func encode(_ value: Int64) { only().write(value) }
  func encode(_ value: UInt) { only().write(value) }
  func encode(_ value: UInt8) { only().write(value) }
  func encode(_ value: UInt16) { only().write(value) }
  func encode(_ value: UInt32) { only().write(value) }
  func encode(_ value: UInt64) { only().write(value) }
  func encode(_ value: Int128) { only().write(value) }
  func encode(_ value: UInt128) { only().write(value) }
}
