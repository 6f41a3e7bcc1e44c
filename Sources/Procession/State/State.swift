import FoundationEssentials
import Stages

/// What a ``StatefulStep`` remembers: values by key, in a store of its own worker's.
///
/// What was asked for lately is in memory. Changes are durable with the batch that they belong to. For the
/// thread and the call that it is handed to. All that it throws ends the run: the store can't be read or written.
public struct State {
  let store: StateStore

  /// The bytes of a key, nil where it has none.
  public func bytes(_ key: String) throws -> [UInt8]? { try store.get(Array(key.utf8)) }

  /// Sets the bytes of a key; nil removes it.
  public func set(_ key: String, to bytes: [UInt8]?) throws {
    if let bytes { try store.set(Array(key.utf8), bytes) } else { try store.remove(Array(key.utf8)) }
  }

  /// The whole number of a key, 0 where it has none: eight bytes, little-endian.
  public func integer(_ key: String) throws -> Int {
    var key = key
    return try key.withUTF8 { key in
      guard let value = try store.value(UnsafeRawBufferPointer(key)), value.count == 8 else { return 0 }
      return Int(Int64(littleEndian: value.loadUnaligned(as: Int64.self)))
    }
  }

  /// Adds to the whole number of a key, which wraps around at 64 bits. Returns what it is then.
  @discardableResult
  public func add(_ amount: Int, to key: String) throws -> Int {
    let sum = try integer(key) &+ amount
    var key = key
    try key.withUTF8 { key in
      try withUnsafeBytes(of: Int64(sum).littleEndian) { value in
        try store.set(UnsafeRawBufferPointer(key), value)
      }
    }
    return sum
  }

  /// The value of a key, stored as JSON by FoundationEssentials' coders: for ease, not for speed. Nil where it has
  /// none; throws `DecodingError` where it has something else.
  public func value<Value: Decodable>(_ key: String, as type: Value.Type = Value.self) throws -> Value? {
    guard let bytes = try bytes(key) else { return nil }
    return try JSONDecoder().decode(Value.self, from: Data(bytes))
  }

  /// Stores a value under a key as JSON; see ``value(_:as:)``.
  public func set(_ key: String, to value: some Encodable) throws {
    try store.set(Array(key.utf8), Array(JSONEncoder().encode(value)))
  }

  /// Removes a key, which may have no value.
  public func remove(_ key: String) throws { try store.remove(Array(key.utf8)) }

  /// Hands over the keys that begin so and their bytes, in the order of the keys' bytes, until `body` says
  /// false. What `body` throws is thrown once more.
  public func forEach(
    prefix: String = "", _ body: (_ key: String, _ bytes: [UInt8]) throws -> Bool
  ) throws {
    var failure: (any Error)?
    try store.each(prefix: Array(prefix.utf8)) { key, value in
      do { return try body(String(decoding: key, as: UTF8.self), value) } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
  }

  /// The same for whole numbers, as ``add(_:to:)`` keeps them.
  public func forEachInteger(
    prefix: String = "", _ body: (_ key: String, _ number: Int) throws -> Bool
  ) throws {
    try forEach(prefix: prefix) { key, bytes in
      let number =
        bytes.count == 8 ? bytes.withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(as: Int64.self)) } : 0
      return try body(key, Int(number))
    }
  }
}
