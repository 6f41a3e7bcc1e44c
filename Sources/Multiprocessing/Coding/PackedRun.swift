/// Numbers of one kind side by side, and the one that is next.
struct PackedRun {
  let kind: PackedKind
  /// Of the first byte.
  let start: Int
  let count: Int
  private var index = 0

  init(kind: PackedKind, start: Int, count: Int) {
    self.kind = kind
    self.start = start
    self.count = count
  }

  var isMore: Bool { index < count }
  mutating func advance() { index += 1 }

  /// One number of the run.
  enum Element {
    case whole(Int64)
    case real(Double)
    case single(Float)

    /// Nil where it is none or does not fit.
    func integer<Value: FixedWidthInteger>() -> Value? {
      if case .whole(let value) = self { Value(exactly: value) } else { nil }
    }

    func double() -> Double? { if case .real(let value) = self { value } else { nil } }
    func float() -> Float? { if case .single(let value) = self { value } else { nil } }
  }

  func current(in message: DecodingMessage) -> Element {
    let offset = start + index * kind.size
    let bytes = message.bytes
    return switch kind {
    case .byte: .whole(Int64(bytes[offset]))
    case .int32:
      .whole(Int64(Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))))
    case .int: .whole(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self)))
    case .float: .single(bytes.loadUnaligned(fromByteOffset: offset, as: Float.self))
    case .double: .real(bytes.loadUnaligned(fromByteOffset: offset, as: Double.self))
    }
  }
}
