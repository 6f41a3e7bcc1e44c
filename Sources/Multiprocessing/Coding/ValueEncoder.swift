/// What values write themselves to. One serves a whole message but for the nested containers, which have one each.
///
/// `codingPath` stays empty: keeping it would cost more than encoding does.
final class ValueEncoder: Encoder {
  /// What the value that is being written has asked for.
  enum Frame {
    case nothing
    case single(isWritten: Bool)
    case unkeyed(count: Int)
    case keyed
  }

  let part: EncodingPart
  private let keys: EncodingKeys
  private let depth: Int
  private var frames: [Frame]
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init() {
    part = EncodingPart()
    keys = EncodingKeys()
    depth = 0
    frames = []
    part.append(0)
  }

  /// For a nested container of `parent`.
  private init(inside parent: ValueEncoder, _ frame: Frame) {
    part = EncodingPart()
    keys = parent.keys
    depth = parent.depth + parent.frames.count
    frames = [frame]
  }

  /// All that was written, and the keys' table.
  func message() -> [UInt8] {
    var bytes: [UInt8] = []
    part.join(into: &bytes)
    if keys.names.isEmpty { return bytes }
    let table = EncodingPart()
    for name in keys.names { table.writeText(name) }
    table.writeRaw(UInt64(bytes.count))
    bytes[0] = 1
    bytes.append(contentsOf: table.bytes)
    return bytes
  }

  func write<Value: Encodable>(_ value: Value) throws {
    if Value.self == Int.self { return part.write(Int64(unsafeBitCast(value, to: Int.self))) }
    if Value.self == String.self { return part.write(unsafeBitCast(value, to: String.self)) }
    if Value.self == Double.self { return part.write(unsafeBitCast(value, to: Double.self)) }
    if let kind = PackedKind(array: Value.self) { return write(kind, value) }
    if Value.self == [String].self { return part.write(unsafeBitCast(value, to: [String].self)) }
    guard depth + frames.count < ValueCoding.deepest else {
      throw EncodingError.invalidValue(
        value,
        .init(
          codingPath: [],
          debugDescription: "The value is nested deeper than \(ValueCoding.deepest) levels."))
    }
    frames.append(.nothing)
    do { try value.encode(to: self) } catch {
      frames.removeLast()
      throw error
    }
    close()
  }

  private func write<Value>(_ kind: PackedKind, _ value: Value) {
    switch kind {
    case .byte: unsafeBitCast(value, to: [UInt8].self).withUnsafeBytes { part.write(kind, $0) }
    case .int32: unsafeBitCast(value, to: [Int32].self).withUnsafeBytes { part.write(kind, $0) }
    case .int: unsafeBitCast(value, to: [Int].self).withUnsafeBytes { part.write(kind, $0) }
    case .float: unsafeBitCast(value, to: [Float].self).withUnsafeBytes { part.write(kind, $0) }
    case .double: unsafeBitCast(value, to: [Double].self).withUnsafeBytes { part.write(kind, $0) }
    }
  }

  /// Ends the value that is being written.
  func close() {
    switch frames.removeLast() {
    case .nothing:
      part.append(ValueTag.keyed)
      part.append(0)
    case .single(let isWritten): if !isWritten { part.append(ValueTag.null) }
    case .unkeyed: part.append(ValueTag.end)
    case .keyed: part.append(0)
    }
  }

  func writeKey(_ key: some CodingKey) { part.writeCount(UInt64(keys.number(of: key.stringValue)) + 1) }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if case .keyed = frames[frames.count - 1] {
    } else {
      part.append(ValueTag.keyed)
      frames[frames.count - 1] = .keyed
    }
    return KeyedEncodingContainer(KeyedValueEncoder(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if case .unkeyed = frames[frames.count - 1] {
    } else {
      part.append(ValueTag.unkeyed)
      frames[frames.count - 1] = .unkeyed(count: 0)
    }
    return UnkeyedValueEncoder(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    frames[frames.count - 1] = .single(isWritten: false)
    return SingleValueEncoder(encoder: self)
  }

  /// How many elements the unkeyed container has that is being written.
  var elementCount: Int {
    if case .unkeyed(let count) = frames[frames.count - 1] { count } else { 0 }
  }

  func countElements(_ count: Int) {
    frames[frames.count - 1] = .unkeyed(count: elementCount + count)
  }

  func markWritten() { frames[frames.count - 1] = .single(isWritten: true) }

  /// A part of its own for a value that is written here, maybe later.
  func nested() -> ValueEncoder {
    let encoder = ValueEncoder(inside: self, .nothing)
    part.insert(encoder)
    return encoder
  }
}
