/// What a value reads itself from: one for each value that asks for a container.
final class ValueDecoder: Decoder {
  let message: DecodingMessage
  /// Of the value's tag.
  let start: Int
  let depth: Int
  private var progress = Progress.nothing
  /// Of the next key, where the value has keys.
  private var cursor = 0
  /// Where each key's value is, in the order of the bytes. Made when keys are not asked for in that order.
  private var index: (order: [String], places: [String: Int])?
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// How much of the value has been read, so that its end need not be looked for from its beginning.
  private enum Progress {
    case nothing
    case ended(Int)
    case keyed
    case unkeyed(Int)
  }

  /// Throws `DecodingError` where it is nested too deep.
  init(_ message: DecodingMessage, at start: Int, depth: Int) throws(DecodingError) {
    guard depth <= ValueCoding.deepest else { throw DecodingMessage.corrupted("it is nested too deep") }
    self.message = message
    self.start = start
    self.depth = depth
  }

  /// Where the value ends.
  func end() throws(DecodingError) -> Int {
    switch progress {
    case .nothing: try message.end(of: start)
    case .ended(let place): place
    case .keyed: try message.endOfContainer(keyed: true, from: cursor)
    case .unkeyed(let place): try message.endOfContainer(keyed: false, from: place)
    }
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    let tag = try message.tag(at: start)
    guard tag == ValueTag.keyed else { throw message.mismatch(type, tag, at: start) }
    if case .keyed = progress {
    } else {
      progress = .keyed
      cursor = start + 1
    }
    return KeyedDecodingContainer(KeyedValueDecoder(decoder: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try UnkeyedValueDecoder(self)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { SingleValueDecoder(decoder: self) }

  func ends(at place: Int) { progress = .ended(place) }

  func isInside(unkeyedAt place: Int) { progress = .unkeyed(place) }

  /// The value of a key was read up to here.
  func advance(to place: Int) {
    if place > cursor { cursor = place }
  }

  /// Where a key's value is; nil where there is none.
  func find(_ key: some CodingKey) throws(DecodingError) -> Int? {
    let name = key.stringValue
    var place = cursor
    guard let next = try message.key(at: &place) else { return try lookUp(name) }
    return message.keys[next] == name ? place : try lookUp(name)
  }

  private func lookUp(_ name: String) throws(DecodingError) -> Int? { try indexed().places[name] }

  /// All keys in the order of the bytes.
  func keyNames() throws(DecodingError) -> [String] { try indexed().order }

  private func indexed() throws(DecodingError) -> (order: [String], places: [String: Int]) {
    if let index { return index }
    var made: (order: [String], places: [String: Int]) = ([], [:])
    var place = start + 1
    while let number = try message.key(at: &place) {
      let name = message.keys[number]
      if made.places.updateValue(place, forKey: name) == nil { made.order.append(name) }
      place = try message.end(of: place)
    }
    index = made
    return made
  }
}
