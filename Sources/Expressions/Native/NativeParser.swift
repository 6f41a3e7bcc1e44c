import Glibc

/// Parses programs in the native subset by the grammar of jq 1.6, and throws at whatever is outside.
///
/// Only for programs that libjq accepts: what it takes for granted libjq has checked. Calls of functions that
/// the program defines are replaced by their bodies.
struct NativeParser {
  typealias Unsupported = NativeCode.Unsupported

  private struct Definition {
    var name: String
    /// Where the body starts; nil inside it, as recursion is outside the subset.
    var body: Int?
    var scope: [Definition]
  }

  let tokens: [JQToken]
  var code: NativeCode
  var index = 0
  /// Whether `.` is the record.
  var dotIsRecord = true
  private var scope: [Definition] = []
  private var depth = 0

  init(tokens: [JQToken], code: NativeCode) {
    self.tokens = tokens
    self.code = code
  }

  mutating func program() throws(Unsupported) -> Int32 {
    let root = try pipe()
    try require(index == tokens.count)
    return root
  }

  mutating func pipe() throws(Unsupported) -> Int32 {
    depth += 1
    try require(depth < 200)
    let outer = scope
    defer {
      scope = outer
      depth -= 1
    }
    while takeWord("def") { try definition() }
    let first = try alternative()
    guard takeMark("|") else { return first }
    return try piped(first) { parser throws(Unsupported) in try parser.pipe() }
  }

  /// `first | rest`.
  mutating func piped(
    _ first: Int32, _ rest: (inout NativeParser) throws(Unsupported) -> Int32
  ) throws(Unsupported) -> Int32 {
    let outer = dotIsRecord
    dotIsRecord = outer && isIdentity(first)
    let second = try rest(&self)
    dotIsRecord = outer
    return try node(.pipe, first, second)
  }

  private func isIdentity(_ root: Int32) -> Bool {
    let node = code.nodes[Int(root)]
    switch node.operation {
    case .dot, .select: return true
    case .pipe: return isIdentity(node.first) && isIdentity(node.second)
    default: return false
    }
  }

  /// What follows `def`: a function without parameters.
  private mutating func definition() throws(Unsupported) {
    guard let name = peek, name.kind == .identifier, !name.text.utf8.contains(UInt8(ascii: ":")) else {
      throw Unsupported()
    }
    index += 1
    try require(takeMark(":"))
    scope.append(Definition(name: name.text, body: index, scope: scope))
    var brackets = 0
    var inner = 0
    while let token = peek {
      index += 1
      switch token.kind {
      case .mark:
        switch token.text {
        case "(", "[", "{": brackets += 1
        case ")", "]", "}": brackets -= 1
        case ";" where brackets == 0:
          if inner == 0 { return }
          inner -= 1
        default: break
        }
      case .interpolationStart: brackets += 1
      case .interpolationEnd: brackets -= 1
      case .identifier where brackets == 0 && token.isWord("def"): inner += 1
      default: break
      }
    }
    throw Unsupported()
  }

  /// The body of the function `name` in place of a call; nil where the program defines none.
  mutating func call(_ name: String) throws(Unsupported) -> Int32? {
    guard var definition = scope.last(where: { $0.name == name }) else { return nil }
    guard let body = definition.body else { throw Unsupported() }
    let outer = (index, scope)
    index = body
    scope = definition.scope
    definition.body = nil
    definition.scope = []
    scope.append(definition)
    let root = try pipe()
    try require(peek?.isMark(";") ?? false)
    (index, scope) = outer
    return root
  }
}

// Operators, from the loosest to the tightest.
extension NativeParser {
  private mutating func alternative() throws(Unsupported) -> Int32 {
    let first = try disjunction()
    guard takeMark("//") else { return first }
    return try node(.alternative, first, try alternative())
  }

  private mutating func disjunction() throws(Unsupported) -> Int32 {
    var first = try conjunction()
    while takeWord("or") { first = try node(.or, first, try conjunction()) }
    return first
  }

  private mutating func conjunction() throws(Unsupported) -> Int32 {
    var first = try comparison()
    while takeWord("and") { first = try node(.and, first, try comparison()) }
    return first
  }

  private mutating func comparison() throws(Unsupported) -> Int32 {
    let first = try sum()
    let operation: NativeNode.Operation
    switch peek?.kind == .mark ? peek!.text : "" {
    case "==": operation = .equal
    case "!=": operation = .unequal
    case "<": operation = .less
    case "<=": operation = .lessOrEqual
    case ">": operation = .greater
    case ">=": operation = .greaterOrEqual
    default: return first
    }
    index += 1
    return try node(operation, first, try sum())
  }

  private mutating func sum() throws(Unsupported) -> Int32 {
    var first = try product()
    while true {
      if takeMark("+") {
        first = try node(.add, first, try product())
      } else if takeMark("-") {
        first = try node(.subtract, first, try product())
      } else {
        return first
      }
    }
  }

  private mutating func product() throws(Unsupported) -> Int32 {
    var first = try operand()
    while true {
      if takeMark("*") {
        first = try node(.multiply, first, try operand())
      } else if takeMark("/") {
        first = try node(.divide, first, try operand())
      } else if takeMark("%") {
        first = try node(.remainder, first, try operand())
      } else {
        return first
      }
    }
  }

  /// A minus binds what follows it as loosely as a subtraction does.
  private mutating func operand() throws(Unsupported) -> Int32 {
    depth += 1
    defer { depth -= 1 }
    try require(depth < 200)
    if takeMark("-") { return try node(.negate, try product()) }
    if takeWord("if") { return try condition() }
    return try term()
  }

  private mutating func condition() throws(Unsupported) -> Int32 {
    let test = try pipe()
    try require(takeWord("then"))
    let first = try pipe()
    if takeWord("elif") { return try node(.condition, test, first, try condition()) }
    try require(takeWord("else"))
    let second = try pipe()
    try require(takeWord("end"))
    return try node(.condition, test, first, second)
  }
}

// Moving through the tokens.
extension NativeParser {
  var peek: JQToken? { index < tokens.count ? tokens[index] : nil }

  mutating func takeMark(_ mark: String) -> Bool {
    guard let token = peek, token.isMark(mark) else { return false }
    index += 1
    return true
  }

  mutating func takeWord(_ word: String) -> Bool {
    guard let token = peek, token.isWord(word) else { return false }
    index += 1
    return true
  }

  mutating func takeKind(_ kind: JQToken.Kind) -> Bool {
    guard let token = peek, token.kind == kind else { return false }
    index += 1
    return true
  }

  func require(_ condition: Bool) throws(Unsupported) {
    if !condition { throw Unsupported() }
  }

  mutating func node(
    _ operation: NativeNode.Operation, _ first: Int32 = 0, _ second: Int32 = 0, _ third: Int32 = 0
  ) throws(Unsupported) -> Int32 {
    try code.add(NativeNode(operation: operation, first: first, second: second, third: third))
  }
}
