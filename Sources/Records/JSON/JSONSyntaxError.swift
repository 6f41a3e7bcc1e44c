/// The type of a JSON value, told by its first byte.
package enum JSONKind: UInt8, Sendable, CustomStringConvertible {
  case null, boolean, number, string, array, object

  package var description: String {
    switch self {
    case .null: "null"
    case .boolean: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// Why a text is not JSON, and at which of its bytes.
package struct JSONSyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Byte offset in the text; its length where the text ends too early.
  package var offset: Int
  package var problem: JSONProblem

  package var description: String { "byte \(offset): \(problem)" }
}

package enum JSONProblem: Equatable, Sendable, CustomStringConvertible {
  /// `found` is nil at the end of the text.
  case expected(JSONExpectation, found: UInt8?)
  case controlInString(UInt8)
  case leadingZero
  case tooDeep

  package var description: String {
    switch self {
    case .expected(let expectation, let found):
      "expected \(expectation.rawValue), found \(found.map(RecordFault.name(of:)) ?? "the end of the text")"
    case .controlInString(let byte):
      "\(RecordFault.name(of: byte)) in a string; control characters are written as escapes, such as \\n"
    case .leadingZero: "a number with a leading zero; write it without, or as a string"
    case .tooDeep: "nested deeper than \(JSONValidator.depthLimit) levels"
    }
  }
}

package enum JSONExpectation: String, Sendable {
  case value = "a value"
  case valueOrClosingBracket = "a value or ']'"
  case nameOrClosingBrace = "a member's name in double quotes or '}'"
  case name = "a member's name in double quotes"
  case colon = "':' after a member's name"
  case commaOrBrace = "',' or '}' after a member"
  case commaOrBracket = "',' or ']' after an element"
  case end = "the end of the text after its value"
  case object = "'{', the start of an object"
  case digit = "a digit"
  case hexDigit = "four hexadecimal digits after \\u"
  case escape = "one of \" \\ / b f n r t u after a backslash"
  case closingQuote = "'\"' at the end of a string"
  case literal = "true, false or null"
}
