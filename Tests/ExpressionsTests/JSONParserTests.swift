import Expressions
import TestSupport
import Testing

struct JSONParserTests {
  private static let accepted = [
    ("1", "1"), (" 1 ", "1"), ("\n{\"a\" : [ 1 , 2 ]}\r\n", #"{"a":[1,2]}"#), ("\"x\"", "\"x\""),
    ("-0", "-0"), ("0.10", "0.1"), ("1E+2", "100"), ("true", "true"), ("[]", "[]"), ("{}", "{}"),
    (#"{"a":1,"a":2}"#, #"{"a":2}"#), (#""\u00e9\ud83d\ude00""#, "\"\u{e9}\u{1f600}\""),
    (#""a\"b\\""#, #""a\"b\\""#),
  ]

  @Test(arguments: accepted)
  func oneTextIsRead(json: String, printed: String) throws {
    #expect(text(try value(json)) == printed)
  }

  private static let refused = [
    ("", "not JSON: empty"), ("  \n", "not JSON: empty"), ("1 2", "not JSON: more than one text"),
    ("{}{}", "not JSON: more than one text"), ("[1,", "not JSON: it ends too early"),
    ("{\"a\"", "not JSON: it ends too early"), ("\"abc", "not JSON: it ends too early"),
    ("nan", "not JSON: an unknown word at byte 0"), ("[NaN]", "not JSON: an unexpected character at byte 1"),
    ("Infinity", "not JSON: an unexpected character at byte 0"),
    ("nulll", "not JSON: an unknown word at byte 0"), ("tru", "not JSON: an unknown word at byte 0"),
    ("01", "not JSON: a malformed number at byte 0"), ("-", "not JSON: a malformed number at byte 0"),
    ("[1.]", "not JSON: a malformed number at byte 1"), (".5", "not JSON: an unexpected character at byte 0"),
    ("+1", "not JSON: an unexpected character at byte 0"), ("1e", "not JSON: a malformed number at byte 0"),
    ("1-2", "not JSON: a malformed number at byte 0"), ("'a'", "not JSON: an unexpected character at byte 0"),
    ("\"a\nb\"", "not JSON: a control character in a string must be escaped at byte 2"),
    (#""\q""#, "not JSON: Invalid escape"), ("[1}", "not JSON: Objects must consist of key:value pairs"),
    ("{1:2}", "not JSON: Object keys must be strings"),
    ("[1 2]", "not JSON: Expected separator between values"),
  ]

  @Test(arguments: refused)
  func anythingElseIsNot(json: String, message: String) throws {
    let error = #expect(throws: JSONError.self) { _ = try value(json) }
    #expect(error?.message == message)
  }

  /// A parser that is kept gives what a new one would, whatever came before.
  @Test func aParserIsReadyAgainAfterEveryText() throws {
    var parser = JSONParser()
    var generator = SeededRandom(1)
    for _ in 0..<5_000 {
      let (json, expected) = Self.pick(&generator)
      let bytes = Array(json.utf8)
      var result: String
      do {
        let parsed = try Self.parse(bytes, with: &parser)
        result = text(parsed)
      } catch {
        result = error.message
      }
      try #require(result == expected)
    }
  }

  private static func pick(_ generator: inout SeededRandom) -> (String, String) {
    Bool.random(using: &generator)
      ? accepted.randomElement(using: &generator)! : refused.randomElement(using: &generator)!
  }

  private static func parse(_ bytes: [UInt8], with parser: inout JSONParser) throws(JSONError) -> JQValue {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { buffer.deallocate() }
    buffer.copyBytes(from: bytes)
    return try parser.parse(UnsafeRawBufferPointer(buffer))
  }

  @Test func depthIsLimited() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(text(try value(nested(256))) == nested(256))
    let error = #expect(throws: JSONError.self) { _ = try value(nested(300)) }
    #expect(error?.message == "not JSON: Exceeds depth limit for parsing")
  }
}
