/// The bytes of one message, which are lent, and the table of its keys. Whatever they hold, reading them throws or
/// returns a value: nothing is read outside them, and nothing is made that is larger than they are.
final class DecodingMessage {
  let bytes: UnsafeRawBufferPointer
  let keys: [String]
  /// Where the first value is, and where the last one ends.
  let start = 1
  let end: Int

  /// Throws `DecodingError` for what is no message.
  init(_ bytes: UnsafeRawBufferPointer) throws(DecodingError) {
    self.bytes = bytes
    switch bytes.first {
    case 0:
      end = bytes.count
      keys = []
    case 1 where bytes.count >= 9:
      let table = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self))
      guard table <= UInt64(bytes.count - 8), table >= 1 else { throw Self.corrupted("bad table of keys") }
      end = Int(table)
      var names: [String] = []
      var place = end
      while place < bytes.count - 8 {
        names.append(try Self.text(in: bytes, at: &place, end: bytes.count - 8))
      }
      keys = names
    default: throw Self.corrupted("no message")
    }
  }

  static func corrupted(_ what: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: [], debugDescription: "The bytes are no encoded value: \(what)."))
  }

  func mismatch(_ type: Any.Type, _ tag: UInt8, at place: Int) -> DecodingError {
    let what =
      switch tag {
      case ValueTag.null: "nil"
      case ValueTag.no, ValueTag.yes: "a Boolean"
      case ValueTag.smallest..., ValueTag.integer, ValueTag.unsigned, ValueTag.wide, ValueTag.wideUnsigned:
        "an integer"
      case ValueTag.double, ValueTag.float: "a floating-point number"
      case ValueTag.string: "a string"
      case ValueTag.unkeyed: "a list"
      case ValueTag.packed, ValueTag.run: "a list of numbers"
      case ValueTag.keyed: "a value with keys"
      default: "something unknown"
      }
    return .typeMismatch(
      type, .init(codingPath: [], debugDescription: "Byte \(place) begins \(what), not \(type)."))
  }

  func doesNotFit(_ type: Any.Type) -> DecodingError {
    .typeMismatch(type, .init(codingPath: [], debugDescription: "The number does not fit in \(type)."))
  }

  func missing(_ key: some CodingKey) -> DecodingError {
    .keyNotFound(
      key, .init(codingPath: [], debugDescription: "There is no value for '\(key.stringValue)'."))
  }

  func expectEnd(at place: Int) throws(DecodingError) {
    if place != end { throw Self.corrupted("\(end - place) bytes follow it") }
  }

  func tag(at place: Int) throws(DecodingError) -> UInt8 {
    guard place < end else { throw Self.corrupted("it ends too early") }
    return bytes[place]
  }

  func count(at place: inout Int) throws(DecodingError) -> UInt64 {
    try Self.count(in: bytes, at: &place, end: end)
  }

  private static func count(
    in bytes: UnsafeRawBufferPointer, at place: inout Int, end: Int
  ) throws(DecodingError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard place < end else { throw corrupted("it ends too early") }
      let byte = bytes[place]
      guard shift < 63 || (shift == 63 && byte <= 1) else { throw corrupted("a number is too long") }
      place += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
      shift += 7
    }
  }

  /// So many bytes, and past them.
  func take(
    _ count: UInt64, at place: inout Int
  ) throws(DecodingError) -> UnsafeRawBufferPointer {
    guard count <= UInt64(end - place) else { throw Self.corrupted("it ends too early") }
    defer { place += Int(count) }
    return UnsafeRawBufferPointer(rebasing: bytes[place..<(place + Int(count))])
  }

  func text(at place: inout Int) throws(DecodingError) -> String {
    try Self.text(in: bytes, at: &place, end: end)
  }

  private static func text(
    in bytes: UnsafeRawBufferPointer, at place: inout Int, end: Int
  ) throws(DecodingError) -> String {
    let count = try count(in: bytes, at: &place, end: end)
    guard count <= UInt64(end - place) else { throw corrupted("it ends too early") }
    let utf8 = bytes[place..<(place + Int(count))]
    guard let text = String(validating: utf8, as: UTF8.self) else { throw corrupted("a text is no UTF-8") }
    place += Int(count)
    return text
  }

  func raw<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type, at place: inout Int
  ) throws(DecodingError) -> Value {
    let bytes = try take(UInt64(MemoryLayout<Value>.size), at: &place)
    return Value(littleEndian: bytes.loadUnaligned(as: Value.self))
  }

  /// The number of the key at a place in `keys`; nil at the end of its container.
  func key(at place: inout Int) throws(DecodingError) -> Int? {
    let number = try count(at: &place)
    if number == 0 { return nil }
    guard number <= UInt64(keys.count) else { throw Self.corrupted("there is no key \(number)") }
    return Int(number) - 1
  }
}
