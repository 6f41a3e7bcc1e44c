import Records
import Testing

@Test(arguments: [
  "0", "-0", "1.5e+10", "\"\"", "\"é\\u00e9\\n\\/\"", "\"\\ud800\"", "null", " true ", "false\r\n", "[]",
  "{}", "[ ]",
  "{ }", "[1,2,[3,{\"a\":null}]]", "{\"a\":1,\"a\":2}", "\t{\"long enough name\" : \"long enough value\"} ",
])
func acceptsJSON(text: String) {
  #expect(withBytes(text) { JSONValidator.firstError(in: $0) } == nil)
}

@Test(arguments: [
  ("", "byte 0: expected a value, found the end of the text"),
  ("{\"a\":1 x", "byte 7: expected ',' or '}' after a member, found 'x'"),
  ("{\"a\" 1}", "byte 5: expected ':' after a member's name, found '1'"),
  ("{\"a\":1,}", "byte 7: expected a member's name in double quotes, found '}'"),
  ("{a:1}", "byte 1: expected a member's name in double quotes or '}', found 'a'"),
  ("[1,]", "byte 3: expected a value, found ']'"),
  ("[,1]", "byte 1: expected a value or ']', found ','"),
  ("[1 2]", "byte 3: expected ',' or ']' after an element, found '2'"),
  ("[1", "byte 2: expected ',' or ']' after an element, found the end of the text"),
  ("01", "byte 0: a number with a leading zero; write it without, or as a string"),
  ("-", "byte 1: expected a digit, found the end of the text"),
  ("1.", "byte 2: expected a digit, found the end of the text"),
  ("1e+", "byte 3: expected a digit, found the end of the text"),
  ("+1", "byte 0: expected a value, found '+'"),
  (".5", "byte 0: expected a value, found '.'"),
  ("NaN", "byte 0: expected a value, found 'N'"),
  ("nul", "byte 0: expected true, false or null, found 'n'"),
  ("tru3", "byte 0: expected true, false or null, found 't'"),
  ("1 1", "byte 2: expected the end of the text after its value, found '1'"),
  ("'a'", "byte 0: expected a value, found '''"),
  ("\"a", "byte 2: expected '\"' at the end of a string, found the end of the text"),
  ("\"a\tb\"", "byte 2: a tab in a string; control characters are written as escapes, such as \\n"),
  ("\"\\x\"", "byte 2: expected one of \" \\ / b f n r t u after a backslash, found 'x'"),
  ("\"\\u12g4\"", "byte 5: expected four hexadecimal digits after \\u, found 'g'"),
  ("\u{0}", "byte 0: expected a value, found byte 0x00"),
])
func refusesWhatIsNoJSON(text: String, message: String) {
  #expect(withBytes(text) { JSONValidator.firstError(in: $0) }?.description == message)
}

@Test func nestingHasALimit() {
  func nested(_ depth: Int) -> String {
    String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
  }
  #expect(withBytes(nested(1000)) { JSONValidator.firstError(in: $0) } == nil)
  #expect(withBytes(nested(1001)) { JSONValidator.firstError(in: $0) }?.problem == .tooDeep)
  #expect(withBytes(String(repeating: "[", count: 100_000)) { JSONValidator.firstError(in: $0) } != nil)
}

/// Any prefix of a JSON object is none, and every error lies in the text or at its end.
@Test func prefixesAreErrors() {
  let text = Array(
    "{\"a\":[1,-2.5e3,true,null,\"x\\u0041y\"],\"b c d e f g\":{\"é\":\"long enough value\"}}".utf8)
  for length in 0..<text.count {
    let error = withBytes(Array(text[..<length])) { JSONValidator.firstError(in: $0) }
    #expect(error != nil && error!.offset <= length, "\(length) bytes")
  }
}
