import Expressions
import Testing

struct JQValueTests {
  @Test(arguments: [
    ("null", JQValue.Kind.null, false), ("false", .bool, false), ("true", .bool, true), ("0", .number, true),
    ("\"\"", .string, true), ("[]", .array, true), ("{}", .object, true),
  ])
  func kindsAndTruth(json: String, kind: JQValue.Kind, isTrue: Bool) throws {
    let parsed = try value(json)
    #expect(parsed.kind == kind)
    #expect(parsed.isTrue == isTrue)
  }

  @Test func copiesAreIndependent() throws {
    let original = try value(#"{"a":1}"#)
    var builder = JQObjectBuilder(template: original)
    builder.set(JQKey("a"), 2)
    builder.set(JQKey("b"), true)
    #expect(text(builder.finish()) == #"{"a":2,"b":true}"#)
    #expect(text(original.copy()) == #"{"a":1}"#)
    #expect(original.equals(try value(#" { "a" : 1.0 } "#)))
    #expect(!original.equals(try value("1")))
  }

  @Test func fieldsOfObjects() throws {
    let object = try value(#"{"a":{"b":[1,2]},"n":null}"#)
    #expect(fieldText("a", of: object) == #""a":{"b":[1,2]}"#)
    #expect(object[JQKey("n")]?.kind == .null)
    #expect(object[JQKey("missing")]?.kind == nil)
    #expect(try value("[1]")[JQKey("a")]?.kind == nil)
  }

  @Test func builderKeepsOrderAndTakesEveryKind() throws {
    var builder = JQObjectBuilder()
    for index in 0..<20 { builder.set(JQKey("k\(19 - index)"), Double(index)) }
    builder.setNull(JQKey("nothing"))
    builder.set(JQKey("nested"), try value("[true]"))
    Array("caf\u{e9} \u{1f600}".utf8).withUnsafeBytes { builder.set(JQKey("text"), string: $0) }
    builder.set(JQKey("k0"), false)
    var expected = (0..<20).map { $0 == 19 ? "\"k0\":false" : "\"k\(19 - $0)\":\($0)" }
    expected += ["\"nothing\":null", "\"nested\":[true]", "\"text\":\"caf\u{e9} \u{1f600}\""]
    #expect(text(builder.finish()) == "{\(expected.joined(separator: ","))}")
  }

  @Test func stringsAreLentWithZeroBytesAndAll() throws {
    let string = JQValue.string("a\0b")
    #expect(string.withString { Array($0) } == [97, 0, 98])
    #expect(text(string) == #""a\u0000b""#)
    #expect(JQValue.number(1).withString { $0.count } == nil)
    #expect(JQValue.number(1.5).number == 1.5)
    #expect(JQValue.null().number == nil)
    #expect(text(JQValue.string(UnsafeRawBufferPointer(start: nil, count: 0))) == "\"\"")
  }
}
