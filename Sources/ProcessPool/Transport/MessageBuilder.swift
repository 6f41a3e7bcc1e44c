import Glibc
import ZeroMQ

/// A message that is being written: its bytes are where libzmq will send them from. Little-endian.
struct MessageBuilder: ~Copyable {
  private var base: UnsafeMutableRawPointer
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int = 256) {
    self.capacity = max(64, capacity)
    base = malloc(self.capacity)!
  }

  deinit { free(base) }

  mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(_ value: Number) {
    let size = MemoryLayout<Number>.size
    reserve(size)
    base.storeBytes(of: value.littleEndian, toByteOffset: count, as: Number.self)
    count += size
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    reserve(bytes.count)
    if let start = bytes.baseAddress { (base + count).copyMemory(from: start, byteCount: bytes.count) }
    count += bytes.count
  }

  /// A length, then the bytes.
  mutating func appendField(_ bytes: UnsafeRawBufferPointer) {
    append(UInt64(bytes.count))
    append(bytes)
  }

  mutating func appendField(_ bytes: [UInt8]) { bytes.withUnsafeBytes { appendField($0) } }

  mutating func appendField(_ text: String) {
    var text = text
    text.withUTF8 { appendField(UnsafeRawBufferPointer($0)) }
  }

  /// Replaces what was appended at an offset.
  mutating func replace(at offset: Int, with value: UInt32) {
    base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
  }

  /// The bytes as a message, without a copy. What is appended next begins another one.
  mutating func finish() throws(ZeroMQError) -> Message {
    let buffer = UnsafeMutableRawBufferPointer(start: base, count: count)
    capacity = 1024
    base = malloc(capacity)!
    count = 0
    return try Message(taking: buffer)
  }

  mutating func replace(at offset: Int, with value: UInt64) {
    base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
  }

  /// Lends what was written so far.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  private mutating func reserve(_ more: Int) {
    if count + more <= capacity { return }
    capacity = max(capacity * 2, count + more)
    base = realloc(base, capacity)!
  }
}

/// Reads what a `MessageBuilder` wrote, in the same order. Nil where the bytes end too early.
struct MessageReader {
  private let bytes: UnsafeRawBufferPointer
  private var place = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { place == bytes.count }

  mutating func next<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type = Number.self)
    -> Number?
  {
    let size = MemoryLayout<Number>.size
    guard bytes.count - place >= size else { return nil }
    defer { place += size }
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: type))
  }

  mutating func field() -> UnsafeRawBufferPointer? {
    guard let count = next(UInt64.self) else { return nil }
    return take(count)
  }

  mutating func take(_ count: UInt64) -> UnsafeRawBufferPointer? {
    guard count <= UInt64(bytes.count - place) else { return nil }
    defer { place += Int(count) }
    return UnsafeRawBufferPointer(rebasing: bytes[place..<(place + Int(count))])
  }

  mutating func text() -> String? { field().map { String(decoding: $0, as: UTF8.self) } }
}
