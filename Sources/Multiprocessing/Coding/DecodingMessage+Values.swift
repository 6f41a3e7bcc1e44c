/// Whole values. `place` is where the value's tag is, then where the value ends.
extension DecodingMessage {
  func decode<Value: Decodable>(
    _ type: Value.Type, at place: inout Int, depth: Int
  ) throws -> Value {
    if Value.self == Int.self { return unsafeBitCast(try integer(at: &place) as Int, to: Value.self) }
    if Value.self == String.self { return unsafeBitCast(try string(at: &place), to: Value.self) }
    if Value.self == Double.self { return unsafeBitCast(try double(at: &place), to: Value.self) }
    if let kind = PackedKind(array: Value.self), try isPacked(kind, at: place) {
      switch kind {
      case .byte: return unsafeBitCast(try packed(UInt8.self, at: &place), to: Value.self)
      case .int32: return unsafeBitCast(try packed(Int32.self, at: &place), to: Value.self)
      case .int: return unsafeBitCast(try packed(Int.self, at: &place), to: Value.self)
      case .float: return unsafeBitCast(try packed(Float.self, at: &place), to: Value.self)
      case .double: return unsafeBitCast(try packed(Double.self, at: &place), to: Value.self)
      }
    }
    if Value.self == [String].self, try tag(at: place) == ValueTag.unkeyed {
      return unsafeBitCast(try strings(at: &place), to: Value.self)
    }
    let decoder = try ValueDecoder(self, at: place, depth: depth + 1)
    let value = try Value(from: decoder)
    place = try decoder.end()
    return value
  }

  func flag(at place: inout Int) throws(DecodingError) -> Bool {
    let tag = try tag(at: place)
    guard tag == ValueTag.yes || tag == ValueTag.no else { throw mismatch(Bool.self, tag, at: place) }
    place += 1
    return tag == ValueTag.yes
  }

  func integer<Value: FixedWidthInteger>(at place: inout Int) throws(DecodingError) -> Value {
    let tag = try tag(at: place)
    var after = place + 1
    let value: Value?
    switch tag {
    case ValueTag.smallest...: value = Value(exactly: tag & ~ValueTag.smallest)
    case ValueTag.integer:
      let zigzag = try count(at: &after)
      value = Value(exactly: Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1))
    case ValueTag.unsigned: value = Value(exactly: try raw(UInt64.self, at: &after))
    case ValueTag.wide: value = Value(exactly: try raw(Int128.self, at: &after))
    case ValueTag.wideUnsigned: value = Value(exactly: try raw(UInt128.self, at: &after))
    default: throw mismatch(Value.self, tag, at: place)
    }
    guard let value else { throw doesNotFit(Value.self) }
    place = after
    return value
  }

  func double(at place: inout Int) throws(DecodingError) -> Double {
    let tag = try tag(at: place)
    guard tag == ValueTag.double else { throw mismatch(Double.self, tag, at: place) }
    place += 1
    return Double(bitPattern: try raw(UInt64.self, at: &place))
  }

  func float(at place: inout Int) throws(DecodingError) -> Float {
    let tag = try tag(at: place)
    guard tag == ValueTag.float else { throw mismatch(Float.self, tag, at: place) }
    place += 1
    return Float(bitPattern: try raw(UInt32.self, at: &place))
  }

  func string(at place: inout Int) throws(DecodingError) -> String {
    let tag = try tag(at: place)
    guard tag == ValueTag.string else { throw mismatch(String.self, tag, at: place) }
    place += 1
    return try text(at: &place)
  }

  private func strings(at place: inout Int) throws(DecodingError) -> [String] {
    place += 1
    var strings: [String] = []
    while try tag(at: place) != ValueTag.end { strings.append(try string(at: &place)) }
    place += 1
    return strings
  }

  private func isPacked(_ kind: PackedKind, at place: Int) throws(DecodingError) -> Bool {
    guard try tag(at: place) == ValueTag.packed else { return false }
    return try tag(at: place + 1) == kind.rawValue
  }

  private func packed<Element: BitwiseCopyable>(
    _ type: Element.Type, at place: inout Int
  ) throws(DecodingError) -> [Element] {
    let run = try packedRun(at: &place)
    return [Element](unsafeUninitializedCapacity: run.count) { buffer, count in
      UnsafeMutableRawBufferPointer(buffer).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[run.start..<(run.start + run.count * run.kind.size)]))
      count = run.count
    }
  }

  /// A packed array or a run of elements, and past it.
  func packedRun(at place: inout Int) throws(DecodingError) -> PackedRun {
    place += 1
    guard let kind = PackedKind(rawValue: try tag(at: place)) else {
      throw Self.corrupted("there are no such elements")
    }
    place += 1
    let count = try count(at: &place)
    let (size, overflow) = count.multipliedReportingOverflow(by: UInt64(kind.size))
    guard !overflow else { throw Self.corrupted("it ends too early") }
    let start = place
    _ = try take(size, at: &place)
    return PackedRun(kind: kind, start: start, count: Int(count))
  }
}
