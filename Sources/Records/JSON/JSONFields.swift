/// One member of a JSON object, as ranges of its text.
package struct JSONMember: Equatable, Sendable {
  /// What stands between the name's quotes, escapes and all.
  package var name: Range<Int>
  package var nameHasEscapes: Bool
  /// The whole value; a string's quotes included.
  package var value: Range<Int>
  package var kind: JSONKind

  /// What stands between the quotes of a string value.
  package var stringContent: Range<Int> { value.lowerBound + 1..<value.upperBound - 1 }
}

/// Iterates the members of one JSON object without building values.
///
/// Strict: what it has passed over is valid JSON. Doubled names come as often as they stand there. The text
/// must outlive the iteration.
package struct JSONFields {
  private var scanner: JSONScanner
  private var isFirst = true
  private var isDone = false

  /// Throws if the text starts no object; `found` of the fault tells what else it starts.
  package init(_ text: UnsafeRawBufferPointer) throws(RecordFault) {
    scanner = JSONScanner(text)
    scanner.skipWhitespace()
    guard let kind = scanner.kind else {
      _ = scanner.fail(.object)
      throw .json(scanner.failure!)
    }
    guard kind == .object else { throw .notAnObject(found: kind) }
    scanner.position &+= 1
    scanner.skipWhitespace()
  }

  /// The next member; nil at the end of the object, after which only space may stand.
  package mutating func next() throws(RecordFault) -> JSONMember? {
    if isDone { return nil }
    if let member = step() { return member }
    if let failure = scanner.failure {
      isDone = true
      throw .json(failure)
    }
    return nil
  }

  @inline(__always)
  private mutating func step() -> JSONMember? {
    let next = scanner.current
    if next == 0x7D {
      finish()
      return nil
    }
    if !isFirst {
      guard next == 0x2C else {
        _ = scanner.fail(.commaOrBrace)
        return nil
      }
      scanner.position &+= 1
      scanner.skipWhitespace()
    }
    guard scanner.current == 0x22 else {
      _ = scanner.fail(isFirst ? .nameOrClosingBrace : .name)
      return nil
    }
    isFirst = false
    let nameStart = scanner.position &+ 1
    guard scanner.skipString() else { return nil }
    let name = nameStart..<scanner.position &- 1
    let escaped = scanner.hasBackslash(name)
    scanner.skipWhitespace()
    guard scanner.current == 0x3A else {
      _ = scanner.fail(.colon)
      return nil
    }
    scanner.position &+= 1
    scanner.skipWhitespace()
    let start = scanner.position
    let kind = scanner.kind
    guard scanner.skipValue(depth: 1), let kind else { return nil }
    let member = JSONMember(
      name: name, nameHasEscapes: escaped, value: start..<scanner.position, kind: kind)
    scanner.skipWhitespace()
    return member
  }

  private mutating func finish() {
    isDone = true
    scanner.position &+= 1
    scanner.skipWhitespace()
    if scanner.position < scanner.count { _ = scanner.fail(.end) }
  }
}
