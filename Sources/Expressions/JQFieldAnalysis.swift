/// Finds out which top-level fields of its input a program reads.
///
/// It follows where `.` is still the input and refuses whatever it does not know: a refusal costs speed, a wrong
/// answer would cost data. What it follows is the grammar of jq 1.6, so programs must have been compiled first.
package struct JQFieldAnalysis {
  /// What an expression yields, or what `.` is: the input, whole and unchanged, or something else that was made
  /// from nothing of the input but the fields found.
  private enum Value {
    case input
    case other
  }

  private struct Unknown: Error {}

  private let tokens: [JQToken]
  private var index = 0
  private var fields: [String] = []
  /// Where the innermost pipe starts: `TERM as $x | BODY` is understood there only.
  private var pipeStart = 0

  /// The fields in the order of first use, or nil where they are not provably all.
  static func fields(readBy tokens: [JQToken]) -> [String]? {
    var analysis = JQFieldAnalysis(tokens: tokens)
    guard let result = try? analysis.pipe(.input), result == .other, analysis.index == tokens.count else {
      return nil
    }
    return analysis.fields
  }

  /// The same for a program's text; nil also where it has no tokens.
  package static func fields(readBy program: String) -> [String]? {
    guard let tokens = try? JQLexer.tokens(of: program) else { return nil }
    return fields(readBy: tokens)
  }

  private init(tokens: [JQToken]) {
    self.tokens = tokens
  }
}

// Expressions: `dot` is what `.` is where the expression stands; the result is what the expression yields.
extension JQFieldAnalysis {
  private mutating func pipe(_ dot: Value) throws(Unknown) -> Value {
    let outer = pipeStart
    defer { pipeStart = outer }
    var value = dot
    repeat {
      pipeStart = index
      value = try comma(value)
    } while takeMark("|")
    return value
  }

  private mutating func comma(_ dot: Value) throws(Unknown) -> Value {
    let value = try alternative(dot)
    while takeMark(",") { try require(try alternative(dot) == value) }
    return value
  }

  private mutating func alternative(_ dot: Value) throws(Unknown) -> Value {
    let value = try operation(dot)
    while takeMark("//") { try require(try operation(dot) == value) }
    return value
  }

  private static let operators: Set<String> = ["==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%"]
  private static let assignments: Set<String> = ["=", "|=", "+=", "-=", "*=", "/=", "%=", "//="]

  /// Operators of any precedence: all take values and yield a new one.
  private mutating func operation(_ dot: Value) throws(Unknown) -> Value {
    let first = try operand(dot)
    while let token = peek {
      if token.isWord("and") || token.isWord("or")
        || token.kind == .mark && Self.operators.contains(token.text)
      {
        index += 1
      } else if token.kind == .mark, Self.assignments.contains(token.text) {
        try require(dot == .other)
        index += 1
      } else {
        break
      }
      try require(first == .other)
      try require(try operand(dot) == .other)
    }
    return first
  }

  private mutating func operand(_ dot: Value) throws(Unknown) -> Value {
    if takeMark("-") {
      try require(try operand(dot) == .other)
      return .other
    }
    if takeWord("if") { return try conditional(dot) }
    if takeWord("try") {
      let value = try operand(dot)
      if takeWord("catch") {
        try require(value == .other)
        try require(try operand(.other) == .other)
      }
      return value
    }
    let start = index
    let value = try term(dot)
    guard takeWord("as") else { return value }
    try require(value == .other && start == pipeStart)
    try require(takeKind(.variable))
    try require(takeMark("|"))
    return try pipe(dot)
  }

  private mutating func conditional(_ dot: Value) throws(Unknown) -> Value {
    try value(dot)
    try require(takeWord("then"))
    let result = try pipe(dot)
    if takeWord("elif") {
      try require(try conditional(dot) == result)
      return result
    }
    try require(takeWord("else"))
    try require(try pipe(dot) == result)
    try require(takeWord("end"))
    return result
  }

  /// An expression that is used as a value, where the whole input would be needed whole.
  private mutating func value(_ dot: Value) throws(Unknown) {
    try require(try pipe(dot) == .other)
  }
}

// Terms: something simple, followed by `.name`, `[...]` and `?`.
extension JQFieldAnalysis {
  private mutating func term(_ dot: Value) throws(Unknown) -> Value {
    var current = try primary(dot)
    while let token = peek {
      if token.kind == .field {
        index += 1
        read(token.text, of: &current)
      } else if token.isMark("."), tokens.indices.contains(index + 1), tokens[index + 1].kind == .stringStart
      {
        index += 1
        try read(try string(dot), of: &current)
      } else if token.isMark("[") {
        index += 1
        try indexing(dot, of: &current)
      } else if token.isMark("?") {
        index += 1
      } else {
        break
      }
    }
    return current
  }

  private mutating func primary(_ dot: Value) throws(Unknown) -> Value {
    guard let token = peek else { throw Unknown() }
    var current = dot
    switch token.kind {
    case .field:
      index += 1
      read(token.text, of: &current)
      return current
    case .number, .variable:
      index += 1
      return .other
    case .stringStart:
      _ = try string(dot)
      return .other
    case .format:
      index += 1
      if peek?.kind == .stringStart { _ = try string(dot) } else { try require(dot == .other) }
      return .other
    case .identifier:
      index += 1
      return try call(token.text, dot)
    case .mark:
      index += 1
      return try primary(mark: token.text, dot)
    default:
      throw Unknown()
    }
  }

  private mutating func primary(mark: String, _ dot: Value) throws(Unknown) -> Value {
    switch mark {
    case ".":
      var current = dot
      if peek?.kind == .stringStart { try read(try string(dot), of: &current) }
      return current
    case "..":
      try require(dot == .other)
      return .other
    case "(":
      let result = try pipe(dot)
      try require(takeMark(")"))
      return result
    case "[":
      if takeMark("]") { return .other }
      try value(dot)
      try require(takeMark("]"))
      return .other
    case "{":
      try object(dot)
      return .other
    default:
      throw Unknown()
    }
  }

  /// What follows `[` after a term. Indices are computed with the `.` outside.
  private mutating func indexing(_ dot: Value, of current: inout Value) throws(Unknown) {
    if current == .input {
      try require(peek?.kind == .stringStart)
      let name = try string(dot)
      try require(takeMark("]"))
      return try read(name, of: &current)
    }
    if takeMark("]") { return }
    if takeMark(":") {
      try value(dot)
    } else {
      try value(dot)
      if takeMark(":"), peek?.isMark("]") == false { try value(dot) }
    }
    try require(takeMark("]"))
  }

  /// A string; its text where it is plain, nil where it has interpolations or escapes.
  private mutating func string(_ dot: Value) throws(Unknown) -> String? {
    try require(takeKind(.stringStart))
    var plain: String? = ""
    while let token = peek {
      index += 1
      switch token.kind {
      case .stringText:
        plain = token.text.utf8.contains(UInt8(ascii: "\\")) ? nil : plain.map { $0 + token.text }
      case .interpolationStart:
        plain = nil
        try value(dot)
        try require(takeKind(.interpolationEnd))
      case .stringEnd:
        return plain
      default:
        throw Unknown()
      }
    }
    throw Unknown()
  }

  /// What follows `{`.
  private mutating func object(_ dot: Value) throws(Unknown) {
    while !takeMark("}") {
      guard let key = peek else { throw Unknown() }
      var current = dot
      switch key.kind {
      case .identifier:
        index += 1
        if !(peek?.isMark(":") ?? false) { read(key.text, of: &current) }
      case .variable:
        index += 1
      case .stringStart:
        let name = try string(dot)
        if !(peek?.isMark(":") ?? false) { try read(name, of: &current) }
      case .mark where key.text == "(":
        index += 1
        try value(dot)
        try require(takeMark(")"))
        try require(peek?.isMark(":") ?? false)
      default:
        throw Unknown()
      }
      if takeMark(":") {
        var value = dot
        repeat {
          let isNegative = takeMark("-")
          value = try term(value)
          try require(!isNegative || value == .other)
        } while takeMark("|")
        try require(value == .other)
      }
      if !takeMark(",") { try require(peek?.isMark("}") ?? false) }
    }
  }
}

// Function calls.
extension JQFieldAnalysis {
  private static let keywords: Set<String> = [
    "def", "reduce", "foreach", "label", "break", "import", "include", "module", "as", "if", "then", "elif",
    "else",
    "end", "and", "or", "try", "catch", "__loc__",
  ]

  private mutating func call(_ name: String, _ dot: Value) throws(Unknown) -> Value {
    try require(!Self.keywords.contains(name))
    guard dot == .input else {
      // Nothing of the input is in reach: arguments are evaluated with something else as their `.`.
      if takeMark("(") {
        repeat { _ = try pipe(.other) } while takeMark(";")
        try require(takeMark(")"))
      }
      return .other
    }
    var arguments: [Value] = []
    if takeMark("(") {
      repeat {
        // The condition of any/2 and all/2 sees what the generator yields.
        let isCondition = arguments.count == 1 && (name == "any" || name == "all")
        arguments.append(try pipe(isCondition ? arguments[0] : dot))
      } while takeMark(";")
      try require(takeMark(")"))
    }
    switch (name, arguments.count) {
    case ("null", 0), ("true", 0), ("false", 0), ("empty", 0), ("infinite", 0), ("nan", 0), ("now", 0):
      return .other
    case ("select", 1):
      try require(arguments[0] == .other)
      return .input
    case ("first", 1), ("last", 1):
      return arguments[0]
    case ("limit", 2):
      try require(arguments[0] == .other)
      return arguments[1]
    case ("error", 1), ("range", 1...3), ("IN", 2), ("pow", 2), ("fmin", 2), ("fmax", 2), ("fmod", 2):
      try require(!arguments.contains(.input))
      return .other
    case ("any", 2), ("all", 2):
      try require(arguments[1] == .other)
      return .other
    default:
      throw Unknown()
    }
  }
}

// Moving through the tokens.
extension JQFieldAnalysis {
  private var peek: JQToken? { index < tokens.count ? tokens[index] : nil }

  private mutating func takeMark(_ mark: String) -> Bool {
    guard let token = peek, token.isMark(mark) else { return false }
    index += 1
    return true
  }

  private mutating func takeWord(_ word: String) -> Bool {
    guard let token = peek, token.isWord(word) else { return false }
    index += 1
    return true
  }

  private mutating func takeKind(_ kind: JQToken.Kind) -> Bool {
    guard let token = peek, token.kind == kind else { return false }
    index += 1
    return true
  }

  private func require(_ condition: Bool) throws(Unknown) {
    if !condition { throw Unknown() }
  }

  /// Takes a field; of the input it is remembered.
  private mutating func read(_ name: String, of current: inout Value) {
    if current == .input && !fields.contains(name) { fields.append(name) }
    current = .other
  }

  /// Takes a field whose name may not be known.
  private mutating func read(_ name: String?, of current: inout Value) throws(Unknown) {
    if let name {
      read(name, of: &current)
    } else {
      try require(current == .other)
    }
  }
}
