/// What every container can write.
extension ValueEncoder {
  func writeNull() { part.append(ValueTag.null) }
  func write(_ value: Bool) { part.append(value ? ValueTag.yes : ValueTag.no) }
  func write(_ value: String) { part.write(value) }
  func write(_ value: Double) { part.write(value) }
  func write(_ value: Float) { part.write(value) }
  func write(_ value: Int) { part.write(Int64(value)) }
  func write(_ value: Int8) { part.write(Int64(value)) }
  func write(_ value: Int16) { part.write(Int64(value)) }
  func write(_ value: Int32) { part.write(Int64(value)) }
  func write(_ value: Int64) { part.write(Int64(value)) }
  func write(_ value: UInt) { part.write(UInt64(value)) }
  func write(_ value: UInt8) { part.write(UInt64(value)) }
  func write(_ value: UInt16) { part.write(UInt64(value)) }
  func write(_ value: UInt32) { part.write(UInt64(value)) }
  func write(_ value: UInt64) { part.write(UInt64(value)) }
  func write(_ value: Int128) { writeWide(value) }
  func write(_ value: UInt128) { writeWide(value) }

  private func writeWide(_ value: Int128) {
    part.append(ValueTag.wide)
    part.writeRaw(value)
  }

  private func writeWide(_ value: UInt128) {
    part.append(ValueTag.wideUnsigned)
    part.writeRaw(value)
  }
}
