/// The first byte of a value: what it is. From `smallest` on it is itself a number from 0 to 127.
enum ValueTag {
  static let null: UInt8 = 1
  static let no: UInt8 = 2
  static let yes: UInt8 = 3
  /// A variable-length number, zigzag: the sign is its lowest bit.
  static let integer: UInt8 = 4
  /// 8 bytes: what no `Int64` holds.
  static let unsigned: UInt8 = 5
  /// 16 bytes.
  static let wide: UInt8 = 6
  static let wideUnsigned: UInt8 = 7
  static let double: UInt8 = 8
  static let float: UInt8 = 9
  /// A length and UTF-8.
  static let string: UInt8 = 10
  /// A `PackedKind`, a count and the elements' bytes: an array of numbers.
  static let packed: UInt8 = 12
  /// Values up to `end`.
  static let unkeyed: UInt8 = 13
  static let end: UInt8 = 0
  /// Pairs of a key and a value up to a key 0. Key n+1 is number n of the message's table.
  static let keyed: UInt8 = 14
  /// Like `packed`, inside `unkeyed`: so many elements of that container.
  static let run: UInt8 = 15
  static let smallest: UInt8 = 0x80
}

/// The element of a packed array.
enum PackedKind: UInt8 {
  case byte = 1
  case int32
  case int
  case float
  case double

  /// In bytes.
  var size: Int {
    switch self {
    case .byte: 1
    case .int32, .float: 4
    case .int, .double: 8
    }
  }

  /// Nil for what is no array of numbers that is packed.
  @inline(__always)
  init?(array type: Any.Type) {
    if type == [UInt8].self {
      self = .byte
    } else if type == [Int].self {
      self = .int
    } else if type == [Double].self {
      self = .double
    } else if type == [Float].self {
      self = .float
    } else if type == [Int32].self {
      self = .int32
    } else {
      return nil
    }
  }
}
