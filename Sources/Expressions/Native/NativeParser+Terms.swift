import Glibc

// Terms: something simple, followed by `.name`.
extension NativeParser {
  private static let keywords: Set<String> = [
    "def", "reduce", "foreach", "label", "break", "import", "include", "module", "as", "if", "then", "elif",
    "else", "end", "and", "or", "try", "catch", "__loc__",
  ]

  mutating func term() throws(Unsupported) -> Int32 {
    var root = try primary()
    while let token = peek {
      if token.kind == .field {
        index += 1
        root = try code.add(code.path(root, token.text))
      } else if token.isMark("."), tokens.indices.contains(index + 1), tokens[index + 1].kind == .stringStart
      {
        index += 1
        root = try code.add(code.path(root, try plainString()))
      } else {
        break
      }
    }
    return root
  }

  private mutating func primary() throws(Unsupported) -> Int32 {
    guard let token = peek else { throw Unsupported() }
    switch token.kind {
    case .field:
      index += 1
      return try field(token.text)
    case .number:
      index += 1
      let number = strtod(token.text, nil)
      try require(number.isFinite)
      return try constant(NativeValue(number))
    case .stringStart: return try string()
    case .variable:
      index += 1
      try require(token.text == "vars")
      return try variable()
    case .identifier:
      index += 1
      try require(!token.isKey && !Self.keywords.contains(token.text))
      return try function(token.text)
    case .mark:
      index += 1
      switch token.text {
      case ".":
        if peek?.kind == .stringStart { return try field(try plainString()) }
        return try node(.dot)
      case "(":
        let root = try pipe()
        try require(takeMark(")"))
        return root
      case "{": return try object()
      default: throw Unsupported()
      }
    default: throw Unsupported()
    }
  }

  private mutating func constant(_ value: NativeValue) throws(Unsupported) -> Int32 {
    try code.add(NativeNode(operation: .constant, value: value))
  }

  /// A field of `.`.
  private mutating func field(_ name: String) throws(Unsupported) -> Int32 {
    if dotIsRecord { return try code.add(code.field(name)) }
    return try code.add(code.path(try node(.dot), name))
  }

  private mutating func function(_ name: String) throws(Unsupported) -> Int32 {
    if peek?.isMark("(") ?? false {
      try require(name == "select")
      index += 1
      let test = try pipe()
      try require(takeMark(")"))
      return try node(.select, test)
    }
    if let root = try call(name) { return root }
    switch name {
    case "null": return try constant(.null)
    case "true": return try constant(NativeValue(true))
    case "false": return try constant(NativeValue(false))
    case "not": return try node(.not)
    case "tostring": return try node(.toString)
    case "tonumber": return try node(.toNumber)
    case "length": return try node(.length)
    case "round": return try node(.round)
    case "floor": return try node(.floor)
    case "ceil": return try node(.ceil)
    case "ascii_downcase": return try node(.downcase)
    case "ascii_upcase": return try node(.upcase)
    default: throw Unsupported()
    }
  }

  /// What follows `$vars`: a scalar in it, whose value is known.
  private mutating func variable() throws(Unsupported) -> Int32 {
    var names: [String] = []
    while let token = peek, token.kind == .field {
      names.append(token.text)
      index += 1
    }
    guard let first = names.first, let variable = code.variables.last(where: { $0.name == first }),
      let value = Self.scalar(in: variable.json, at: names.dropFirst())
    else { throw Unsupported() }
    switch value {
    case .string(let text): return try constant(code.string(Array(text.utf8)))
    case .other(let value): return try constant(value)
    }
  }

  private enum Scalar {
    case string(String)
    case other(NativeValue)
  }

  private static func scalar(in json: String, at path: ArraySlice<String>) -> Scalar? {
    do {
      return scalar(of: try JQValue.parse(json), at: path)
    } catch {
      return nil
    }
  }

  private static func scalar(of value: borrowing JQValue, at path: ArraySlice<String>) -> Scalar? {
    if let name = path.first {
      guard value.kind == .object else { return nil }
      return scalar(of: value[JQKey(name)] ?? .null(), at: path.dropFirst())
    }
    switch value.kind {
    case .null: return .other(.null)
    case .bool: return .other(NativeValue(value.isTrue))
    case .number: return value.number.flatMap { $0.isFinite ? .other(NativeValue($0)) : nil }
    case .string: return value.withString { .string(String(decoding: $0, as: UTF8.self)) }
    case .array, .object: return nil
    }
  }
}

// Strings and objects.
extension NativeParser {
  private mutating func string() throws(Unsupported) -> Int32 {
    try require(takeKind(.stringStart))
    var parts: [Int32] = []
    var isPlain = true
    while let token = peek {
      index += 1
      switch token.kind {
      case .stringText: parts.append(try constant(code.string(try Self.decoded(token.text))))
      case .interpolationStart:
        isPlain = false
        parts.append(try pipe())
        try require(takeKind(.interpolationEnd))
      case .stringEnd:
        if isPlain, let text = parts.first { return text }
        if isPlain { return try constant(code.string([])) }
        let first = code.lists.count
        code.lists += parts
        return try node(.concatenation, Int32(first), Int32(parts.count))
      default: throw Unsupported()
      }
    }
    throw Unsupported()
  }

  /// A string without interpolations.
  private mutating func plainString() throws(Unsupported) -> String {
    try require(takeKind(.stringStart))
    var bytes: [UInt8] = []
    while let token = peek, token.kind == .stringText {
      bytes += try Self.decoded(token.text)
      index += 1
    }
    try require(takeKind(.stringEnd))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What a literal's characters stand for; `\u` is outside the subset.
  private static func decoded(_ text: String) throws(Unsupported) -> [UInt8] {
    var decoded: [UInt8] = []
    var isEscape = false
    for byte in text.utf8 {
      if !isEscape {
        if byte == UInt8(ascii: "\\") { isEscape = true } else { decoded.append(byte) }
        continue
      }
      isEscape = false
      switch byte {
      case UInt8(ascii: "n"): decoded.append(0x0a)
      case UInt8(ascii: "t"): decoded.append(0x09)
      case UInt8(ascii: "r"): decoded.append(0x0d)
      case UInt8(ascii: "b"): decoded.append(0x08)
      case UInt8(ascii: "f"): decoded.append(0x0c)
      case UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "\""): decoded.append(byte)
      default: throw Unsupported()
      }
    }
    return decoded
  }

  /// What follows `{`.
  private mutating func object() throws(Unsupported) -> Int32 {
    var members: [Int32] = []
    var names: Set<String> = []
    while !takeMark("}") {
      guard let key = peek else { throw Unsupported() }
      let name: String
      switch key.kind {
      case .identifier where !key.text.utf8.contains(UInt8(ascii: ":")):
        index += 1
        name = key.text
      case .stringStart: name = try plainString()
      default: throw Unsupported()
      }
      try require(names.insert(name).inserted)
      let value = takeMark(":") ? try memberValue() : try field(name)
      var text: [UInt8] = []
      NativeText.appendString(name, to: &text)
      text.append(UInt8(ascii: ":"))
      members.append(
        try code.add(NativeNode(operation: .member, first: value, value: code.string(text))))
      if !takeMark(",") { try require(peek?.isMark("}") ?? false) }
    }
    let first = code.lists.count
    code.lists += members
    return try node(.object, Int32(first), Int32(members.count))
  }

  private mutating func memberValue() throws(Unsupported) -> Int32 {
    let first = takeMark("-") ? try node(.negate, try term()) : try term()
    guard takeMark("|") else { return first }
    return try piped(first) { parser throws(Unsupported) in try parser.memberValue() }
  }
}
