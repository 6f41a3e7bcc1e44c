/// Cuts a jq program into tokens, by the rules of jq 1.6, and checks that brackets and strings are closed.
struct JQLexer {
  private let bytes: [UInt8]
  private var index = 0
  private var tokens: [JQToken] = []
  private var open: [Opening] = []

  private struct Opening {
    enum Kind { case bracket, interpolation, string }
    let kind: Kind
    let text: String
    let offset: Int
  }

  /// The tokens of `program`, or what is not closed, or closed without having been opened.
  static func tokens(of program: String) throws(JQCompileError) -> [JQToken] {
    var lexer = JQLexer(bytes: Array(program.utf8))
    try lexer.run()
    return lexer.tokens
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  private mutating func run() throws(JQCompileError) {
    while index < bytes.count {
      if open.last?.kind == .string {
        lexString()
      } else {
        try lexCode()
      }
    }
    guard let last = open.last else { return }
    // A quote inside an interpolation that lacks its parenthesis opens a string of its own: blame the former.
    let blamed = last.kind == .string ? open.last { $0.kind == .interpolation } ?? last : last
    let what = blamed.kind == .string ? "this string" : "'\(blamed.text)'"
    throw JQCompileError(message: "\(what) is never closed", offset: blamed.offset)
  }

  private mutating func lexString() {
    let start = index
    while index < bytes.count, bytes[index] != UInt8(ascii: "\""), !isAt("\\(") {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    index = min(index, bytes.count)
    if index > start { add(.stringText, start..<index) }
    guard index < bytes.count else { return }
    if bytes[index] == UInt8(ascii: "\"") {
      open.removeLast()
      add(.stringEnd, taking: 1)
    } else {
      open.append(Opening(kind: .interpolation, text: "\\(", offset: index))
      add(.interpolationStart, taking: 2)
    }
  }

  private mutating func lexCode() throws(JQCompileError) {
    let byte = bytes[index]
    let following = index + 1 < bytes.count ? bytes[index + 1] : 0
    switch byte {
    case 0x20, 0x09, 0x0a, 0x0d:
      index += 1
    case UInt8(ascii: "#"):
      while index < bytes.count, bytes[index] != 0x0a { index += 1 }
    case UInt8(ascii: "\""):
      open.append(Opening(kind: .string, text: "\"", offset: index))
      add(.stringStart, taking: 1)
    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
      open.append(Opening(kind: .bracket, text: String(UnicodeScalar(byte)), offset: index))
      add(.mark, taking: 1)
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
      try close(byte)
    case UInt8(ascii: ".") where isNameStart(following):
      let start = index
      index += 1
      takeName()
      add(.field, start + 1..<index, from: start)
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      lexNumber()
    case UInt8(ascii: ".") where isDigit(following):
      lexNumber()
    case UInt8(ascii: "@") where isNamePart(following):
      let start = index
      index += 1
      takeName()
      add(.format, start + 1..<index, from: start)
    case UInt8(ascii: "$"):
      lexVariable()
    case _ where isNameStart(byte):
      let start = index
      takeName(qualified: true)
      add(.identifier, start..<index)
    default:
      lexMark()
    }
  }

  private mutating func close(_ byte: UInt8) throws(JQCompileError) {
    let expected: String
    switch byte {
    case UInt8(ascii: ")"): expected = "("
    case UInt8(ascii: "]"): expected = "["
    default: expected = "{"
    }
    let text = String(UnicodeScalar(byte))
    guard let last = open.popLast() else {
      throw JQCompileError(message: "'\(text)' closes nothing", offset: index)
    }
    guard last.text.hasSuffix(expected) else {
      throw JQCompileError(message: "'\(text)' does not close '\(last.text)'", offset: index)
    }
    add(last.kind == .interpolation ? .interpolationEnd : .mark, taking: 1)
  }

  private mutating func lexNumber() {
    let start = index
    takeDigits()
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      index += 1
      takeDigits()
    }
    if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
      let mark = index
      index += 1
      if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
        index += 1
      }
      if index < bytes.count, isDigit(bytes[index]) { takeDigits() } else { index = mark }
    }
    add(.number, start..<index)
  }

  private mutating func lexVariable() {
    let start = index
    index += 1
    while index < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[index]) { index += 1 }
    guard index < bytes.count, isNameStart(bytes[index]) else {
      index = start
      return add(.mark, taking: 1)
    }
    let name = index
    takeName(qualified: true)
    add(.variable, name..<index, from: start)
  }

  private mutating func lexMark() {
    for mark in Self.marks where isAt(mark) { return add(.mark, taking: mark.utf8.count) }
    var length = 1
    while index + length < bytes.count, bytes[index + length] & 0xc0 == 0x80 { length += 1 }
    add(.invalid, taking: length)
  }

  /// Longer ones first.
  private static let marks = [
    "?//", "//=", "//", "|=", "+=", "-=", "*=", "/=", "%=", "==", "!=", "<=", ">=", "..", ".", "?", "=", ";",
    ",",
    ":", "|", "+", "-", "*", "/", "%", "<", ">",
  ]

  private mutating func add(_ kind: JQToken.Kind, taking count: Int) {
    let start = index
    index += count
    add(kind, start..<index)
  }

  private mutating func add(_ kind: JQToken.Kind, _ range: Range<Int>, from start: Int? = nil) {
    var token = JQToken(
      kind: kind, text: String(decoding: bytes[range], as: UTF8.self), offset: start ?? range.lowerBound)
    if let previous = tokens.last, open.last?.text == "{" {
      token.isKey = previous.isMark("{") || previous.isMark(",")
    }
    tokens.append(token)
  }

  private func isAt(_ text: String) -> Bool { bytes[index...].starts(with: text.utf8) }

  private mutating func takeDigits() {
    while index < bytes.count, isDigit(bytes[index]) { index += 1 }
  }

  private mutating func takeName(qualified: Bool = false) {
    while index < bytes.count {
      if isNamePart(bytes[index]) {
        index += 1
      } else if qualified, isAt("::"), index + 2 < bytes.count, isNameStart(bytes[index + 2]) {
        index += 2
      } else {
        return
      }
    }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  private func isNameStart(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
  }

  private func isNamePart(_ byte: UInt8) -> Bool { isNameStart(byte) || isDigit(byte) }
}
