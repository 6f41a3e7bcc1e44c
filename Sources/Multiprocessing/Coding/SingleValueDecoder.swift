struct SingleValueDecoder: SingleValueDecodingContainer {
  let decoder: ValueDecoder
  var codingPath: [any CodingKey] { [] }

  private func value<Value>(_ read: (DecodingMessage, inout Int) throws -> Value) throws -> Value {
    var place = decoder.start
    let value = try read(decoder.message, &place)
    decoder.ends(at: place)
    return value
  }

  func decodeNil() -> Bool { (try? decoder.message.tag(at: decoder.start)) == ValueTag.null }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try value { try $0.decode(type, at: &$1, depth: decoder.depth) }
  }

  func decode(_: Bool.Type) throws -> Bool { try value { try $0.flag(at: &$1) } }
  func decode(_: String.Type) throws -> String { try value { try $0.string(at: &$1) } }
  func decode(_: Double.Type) throws -> Double { try value { try $0.double(at: &$1) } }
  func decode(_: Float.Type) throws -> Float { try value { try $0.float(at: &$1) } }
  func decode(_: Int.Type) throws -> Int { try value { try $0.integer(at: &$1) } }
  func decode(_: Int8.Type) throws -> Int8 { try value { try $0.integer(at: &$1) } }
  func decode(_: Int16.Type) throws -> Int16 { try value { try $0.integer(at: &$1) } }
  func decode(_: Int32.Type) throws -> Int32 { try value { try $0.integer(at: &$1) } }
  func decode(_: Int64.Type) throws -> Int64 { try value { try $0.integer(at: &$1) } }
  func decode(_: UInt.Type) throws -> UInt { try value { try $0.integer(at: &$1) } }
  func decode(_: UInt8.Type) throws -> UInt8 { try value { try $0.integer(at: &$1) } }
  func decode(_: UInt16.Type) throws -> UInt16 { try value { try $0.integer(at: &$1) } }
  func decode(_: UInt32.Type) throws -> UInt32 { try value { try $0.integer(at: &$1) } }
  func decode(_: UInt64.Type) throws -> UInt64 { try value { try $0.integer(at: &$1) } }
  func decode(_: Int128.Type) throws -> Int128 { try value { try $0.integer(at: &$1) } }
  func decode(_: UInt128.Type) throws -> UInt128 { try value { try $0.integer(at: &$1) } }
}
