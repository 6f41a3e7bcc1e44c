struct UnkeyedValueDecoder: UnkeyedDecodingContainer {
  let decoder: ValueDecoder
  private var place: Int
  /// The packed elements that come next.
  private var run: PackedRun?
  /// The run is all there is: nothing follows it.
  private let isPacked: Bool
  private(set) var currentIndex = 0

  /// Throws `DecodingError` where there is no list.
  init(_ decoder: ValueDecoder) throws {
    self.decoder = decoder
    var place = decoder.start
    switch try decoder.message.tag(at: place) {
    case ValueTag.packed:
      run = try decoder.message.packedRun(at: &place)
      isPacked = true
      decoder.ends(at: place)
    case ValueTag.unkeyed:
      place += 1
      isPacked = false
      decoder.isInside(unkeyedAt: place)
    case let tag: throw decoder.message.mismatch([Any].self, tag, at: place)
    }
    self.place = place
  }

  var codingPath: [any CodingKey] { [] }
  var count: Int? { isPacked ? run?.count : nil }

  /// Also where the bytes are broken; then whoever asked for more elements gets the error.
  var isAtEnd: Bool {
    if let run, run.isMore { return false }
    if isPacked { return true }
    guard let tag = try? decoder.message.tag(at: place) else { return false }
    return tag == ValueTag.end
  }

  /// The place of the next value, or nil where it is the next of a run.
  private mutating func next() throws -> Int? {
    if let run, run.isMore { return nil }
    run = nil
    if !isPacked, try decoder.message.tag(at: place) == ValueTag.run {
      run = try decoder.message.packedRun(at: &place)
      decoder.isInside(unkeyedAt: place)
      return nil
    }
    guard !isPacked, try decoder.message.tag(at: place) != ValueTag.end else {
      throw DecodingError.valueNotFound(
        Any.self, .init(codingPath: [], debugDescription: "The list has \(currentIndex) elements only."))
    }
    return place
  }

  private mutating func value<Value>(
    _ read: (DecodingMessage, inout Int) throws -> Value, _ packed: (PackedRun.Element) -> Value?
  ) throws -> Value {
    guard var place = try next() else {
      let element = run!.current(in: decoder.message)
      guard let value = packed(element) else { throw decoder.message.doesNotFit(Value.self) }
      run!.advance()
      currentIndex += 1
      return value
    }
    let value = try read(decoder.message, &place)
    passed(to: place)
    return value
  }

  private mutating func passed(to place: Int) {
    self.place = place
    decoder.isInside(unkeyedAt: place)
    currentIndex += 1
  }

  mutating func decodeNil() throws -> Bool {
    guard let place = try next(), try decoder.message.tag(at: place) == ValueTag.null else { return false }
    passed(to: place + 1)
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    guard var place = try next() else {
      let element = run!.current(in: decoder.message)
      let value = try Value(from: PackedElementDecoder(element: element, message: decoder.message))
      run!.advance()
      currentIndex += 1
      return value
    }
    let value = try decoder.message.decode(type, at: &place, depth: decoder.depth)
    passed(to: place)
    return value
  }

  mutating func decode(_: Bool.Type) throws -> Bool {
    try value({ try $0.flag(at: &$1) }, { _ in nil })
  }

  mutating func decode(_: String.Type) throws -> String {
    try value({ try $0.string(at: &$1) }, { _ in nil })
  }

  mutating func decode(_: Double.Type) throws -> Double {
    try value({ try $0.double(at: &$1) }, { $0.double() })
  }

  mutating func decode(_: Float.Type) throws -> Float {
    try value({ try $0.float(at: &$1) }, { $0.float() })
  }

  mutating func decode(_: Int.Type) throws -> Int {
    try value({ try $0.integer(at: &$1) }, { $0.integer() })
  }

  mutating func decode(_: Int8.Type) throws -> Int8 {
    try value({ try $0.integer(at: &$1) }, { $0.integer() })
  }

  mutating func decode(_: Int16.Type) throws -> Int16 {
    try value({ try $0.integer(at: &$1) }, { $0.integer() })
  }

  mutating func decode(_: Int32.Type) throws -> Int32 {
    try value({ try $0.integer(at: &$1) }, { $0.integer() })
  }

  mutating func decode(_: Int64.Type) throws -> Int64 {
    try value({ try $0.integer(at: &$1) }, { $0.integer() })
  }

  mutating func decode(_: UInt.Type) throws -> UInt {
    try value({ try $0.integer(at: &$1) }, { $0.integer() })
  }

  mutating func decode(_: UInt8.Type) throws -> UInt8 {
    try value({ try $0.integer(at: &$1) }, { $0.integer() })
  }

  mutating func decode(_: UInt16.Type) throws -> UInt16 {
    try value({ try $0.integer(at: &$1) }, { $0.integer() })
  }

  mutating func decode(_: UInt32.Type) throws -> UInt32 {
    try value({ try $0.integer(at: &$1) }, { $0.integer() })
  }

  mutating func decode(_: UInt64.Type) throws -> UInt64 {
    try value({ try $0.integer(at: &$1) }, { $0.integer() })
  }

  mutating func decode(_: Int128.Type) throws -> Int128 {
    try value({ try $0.integer(at: &$1) }, { $0.integer() })
  }

  mutating func decode(_: UInt128.Type) throws -> UInt128 {
    try value({ try $0.integer(at: &$1) }, { $0.integer() })
  }

  private mutating func inner() throws -> ValueDecoder {
    guard let place = try next() else { throw decoder.message.doesNotFit([Any].self) }
    let inner = try ValueDecoder(decoder.message, at: place, depth: decoder.depth + 1)
    passed(to: try decoder.message.end(of: place))
    return inner
  }

  mutating func nestedContainer<Inner: CodingKey>(
    keyedBy type: Inner.Type
  ) throws -> KeyedDecodingContainer<Inner> { try inner().container(keyedBy: type) }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try inner().unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder { try inner() }
}
