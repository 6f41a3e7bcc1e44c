/// Messages on a stream of bytes: a length (32 bits, little-endian), then so many bytes. Pure.
struct MessageFraming {
  /// The longest message that is taken, in bytes.
  let longest: Int
  private var buffer: [UInt8] = []
  private var start = 0

  init(longest: Int) { self.longest = longest }

  /// Bytes of a message that has begun but not ended.
  var isInsideMessage: Bool { start < buffer.count }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    if start > 0 && start == buffer.count {
      buffer.removeAll(keepingCapacity: true)
      start = 0
    } else if start > 64 << 10 {
      buffer.removeSubrange(..<start)
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next whole message; nil when more bytes are needed. Throws when its length is over the limit: the
  /// stream can't be read on from there.
  mutating func next() throws(ControlError) -> [UInt8]? {
    guard buffer.count - start >= 4 else { return nil }
    let length = (0..<4).reduce(0) { $0 | Int(buffer[start + $1]) << (8 * $1) }
    if length > longest { throw .tooLong(length, limit: longest) }
    guard buffer.count - start - 4 >= length else { return nil }
    defer { start += 4 + length }
    return Array(buffer[(start + 4)..<(start + 4 + length)])
  }

  static func frame(_ message: [UInt8]) -> [UInt8] {
    let length = UInt32(message.count)
    var framed: [UInt8] = []
    framed.reserveCapacity(4 + message.count)
    for shift in stride(from: 0, to: 32, by: 8) { framed.append(UInt8(truncatingIfNeeded: length >> shift)) }
    framed.append(contentsOf: message)
    return framed
  }
}
