/// Where bytes are appended, such as the payload of a batch under construction.
package protocol ByteSink: ~Copyable {
  mutating func append(_ bytes: UnsafeRawBufferPointer)
  mutating func append(_ byte: UInt8)
}
