/// Turns what libjq 1.6 says about a program into one error at its place.
///
/// libjq prints `jq: error: WORDS at <top-level>, line N:`, a newline, the line, and as many spaces as the fault
/// is bytes away from the start of the line.
struct JQDiagnosis {
  let program: String
  let tokens: [JQToken]

  /// The error that the first of `messages` means.
  func error(from messages: [String]) -> JQCompileError {
    let message = messages.first ?? "the program does not compile"
    guard let (words, offset) = locate(message) else {
      return JQCompileError(message: Self.firstLine(of: Self.withoutPrefix(message)), offset: 0)
    }
    if words.hasPrefix("syntax error") { return syntaxError(words, offset: offset) }
    if words.hasSuffix(" is not defined") {
      return JQCompileError(
        message: Self.undefined(String(words.dropLast(" is not defined".count))), offset: offset)
    }
    if words.hasPrefix("Invalid escape") {
      return JQCompileError(message: "an invalid escape in a string", offset: offset)
    }
    if words.hasPrefix("Invalid numeric literal") { return malformedNumber(offset: offset) }
    return JQCompileError(message: words, offset: offset)
  }

  /// jq 1.6 takes `.e5` for a number.
  private func malformedNumber(offset: Int) -> JQCompileError {
    if let field = tokens.first(where: { $0.offset == offset && $0.kind == .field }) {
      return JQCompileError(
        message: "jq 1.6 takes '.\(field.text)' for a number; write '.[\"\(field.text)\"]'", offset: offset)
    }
    return JQCompileError(message: "a malformed number", offset: offset)
  }

  private func locate(_ message: String) -> (words: String, offset: Int)? {
    let bytes = Array(Self.withoutPrefix(message).utf8)
    let marker = Array(" at <top-level>, line ".utf8)
    guard bytes.count >= marker.count,
      let place = (0...bytes.count - marker.count).first(where: { bytes[$0...].starts(with: marker) }),
      let newline = bytes[place...].firstIndex(of: UInt8(ascii: "\n")),
      let line = Int(String(decoding: bytes[place + marker.count..<newline - 1], as: UTF8.self))
    else { return nil }
    var start = 0
    let lines = program.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard line >= 1, line <= lines.count else { return nil }
    for earlier in lines[..<(line - 1)] { start += earlier.count + 1 }
    let padding = max(0, bytes.count - (newline + 1) - lines[line - 1].count)
    return (
      String(decoding: bytes[..<place], as: UTF8.self), min(start + padding, program.utf8.count)
    )
  }

  private func syntaxError(_ words: String, offset: Int) -> JQCompileError {
    if words.contains("unexpected $end") { return endsTooEarly() }
    let found = tokens.last { $0.offset <= offset }
    guard let found else { return JQCompileError(message: "a syntax error", offset: offset) }
    var message = "unexpected \(Self.quoted(found))"
    switch (found.kind, found.text) {
    case (.invalid, "&"): message += "; write 'and'"
    case (.invalid, "'"): message += "; strings stand in double quotes"
    case (.invalid, "!"): message += "; write '| not'"
    case (.mark, "|") where tokens.contains { $0.offset == offset - 1 && $0.isMark("|") }:
      message += "; write 'or'"
    case (.identifier, "end"): message += "; 'if' needs an 'else' in jq 1.6"
    case (.mark, "=")
    where tokens.contains { $0.offset < offset && $0.offset >= offset - 2 && $0.isMark("==") }:
      message += "; write '=='"
    default:
      if let expected = Self.expectation(in: words) { message += ", expected \(expected)" }
    }
    return JQCompileError(message: message, offset: found.offset)
  }

  private func endsTooEarly() -> JQCompileError {
    var ifs: [JQToken] = []
    for token in tokens {
      if token.isWord("if") { ifs.append(token) }
      if token.isWord("end") { _ = ifs.popLast() }
    }
    if let unfinished = ifs.last {
      return JQCompileError(message: "this 'if' has no 'end'", offset: unfinished.offset)
    }
    guard let last = tokens.last else { return JQCompileError(message: "the program is empty", offset: 0) }
    return JQCompileError(
      message: "the program ends too early, after \(Self.quoted(last))",
      offset: last.kind == .mark || last.kind == .identifier ? last.offset : program.utf8.count)
  }

  /// What libjq expected, where that helps.
  private static func expectation(in words: String) -> String? {
    let bytes = Array(words.utf8)
    let marker = Array(", expecting ".utf8)
    guard bytes.count > marker.count,
      let place = (0...bytes.count - marker.count).first(where: { bytes[$0...].starts(with: marker) })
    else { return nil }
    let rest = bytes[(place + marker.count)...]
    let length = rest.firstIndex { $0 == UInt8(ascii: "(") } ?? rest.endIndex
    let text = String(decoding: rest[..<length].dropLast(while: { $0 == 0x20 }), as: UTF8.self)
    return text.hasPrefix("'") ? text : nil
  }

  private static func undefined(_ what: String) -> String {
    if what.hasPrefix("$*label-") { return "unknown label $\(what.dropFirst("$*label-".count))" }
    if what.hasPrefix("$") {
      return "unknown variable \(what); what the file declares under vars is in $vars"
    }
    let parts = what.split(separator: "/")
    guard parts.count == 2, let arity = Int(parts[1]) else { return "\(what) is not defined" }
    switch arity {
    case 0: return "unknown function \(parts[0])"
    case 1: return "unknown function \(parts[0]) with 1 argument"
    default: return "unknown function \(parts[0]) with \(arity) arguments"
    }
  }

  private static func quoted(_ token: JQToken) -> String {
    switch token.kind {
    case .field: "'.\(token.text)'"
    case .variable: "'$\(token.text)'"
    case .format: "'@\(token.text)'"
    case .stringStart, .stringText, .stringEnd: "a string"
    case .interpolationStart: "'\\('"
    default: "'\(token.text)'"
    }
  }

  private static func withoutPrefix(_ message: String) -> String {
    message.hasPrefix("jq: error: ") ? String(message.dropFirst("jq: error: ".count)) : message
  }

  private static func firstLine(of text: String) -> String {
    String(text.prefix { $0 != "\n" })
  }
}

extension ArraySlice {
  /// Without the last elements that satisfy `predicate`.
  fileprivate func dropLast(while predicate: (Element) -> Bool) -> ArraySlice {
    var rest = self
    while let last = rest.last, predicate(last) { rest.removeLast() }
    return rest
  }
}
