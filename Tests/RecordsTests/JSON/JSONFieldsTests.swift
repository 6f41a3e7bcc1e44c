import Records
import TestSupport
import Testing

private func members(_ text: String) throws -> [String] {
  try withBytes(text) { bytes throws(RecordFault) in
    var fields = try JSONFields(bytes)
    var found: [String] = []
    while let member = try fields.next() {
      let name = String(decoding: bytes[member.name], as: UTF8.self)
      found.append("\(name)=\(String(decoding: bytes[member.value], as: UTF8.self)) \(member.kind)")
    }
    return found
  }
}

@Test func membersComeInOrder() throws {
  #expect(try members(" { } ") == [])
  #expect(
    try members("{\"a\" : 1, \"b\":\"x\\\"y\" ,\"c\":[1, {\"a\":2}],\"d\":{},\"e\":null,\"f\":false}") == [
      "a=1 a number", "b=\"x\\\"y\" a string", "c=[1, {\"a\":2}] an array", "d={} an object", "e=null null",
      "f=false a boolean",
    ])
}

@Test(arguments: ["", "[]", "1", "{", "{\"a\":1", "{\"a\":1,}", "{\"a\":1}x", "{\"a\":[1}", "{,}"])
func brokenObjectsAreErrors(text: String) {
  #expect(throws: RecordFault.self) { try members(text) }
}

@Test(arguments: [
  ("plain", "plain"), ("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\u{8}\u{C}\n\r\t"), ("\\u0041\\u00e9", "Aé"),
  ("\\ud83d\\ude00!", "😀!"), ("\\ud83d!", "\u{FFFD}!"), ("\\ude00", "\u{FFFD}"),
  ("\\ud83d\\u0041", "\u{FFFD}A"), ("a\\", "a\\"), ("\\u12", "\\u12"),
])
func unescapes(content: String, expected: String) {
  var buffer = BatchBuffer(capacity: 0)
  withBytes(content) { JSONString.unescape($0, into: &buffer) }
  #expect(text(buffer) == expected)
}

@Test(arguments: 0..<200)
func escapingIsUndone(seed: Int) {
  var random = SeededRandom(UInt64(seed))
  let input = random.bytes(
    of: ["a", "\"", "\\", "\n", "\u{1}", "\u{1F}", "é", "😀", "some words", "\t"], upTo: 30)
  var escaped = BatchBuffer(capacity: 0)
  withBytes(input) { JSONString.append($0, into: &escaped) }
  var unescaped = BatchBuffer(capacity: 0)
  escaped.withPayload {
    JSONString.unescape(UnsafeRawBufferPointer(rebasing: $0[1..<$0.count - 1]), into: &unescaped)
  }
  #expect(unescaped.withPayload { Array($0) } == input, "seed \(seed)")
  #expect(escaped.withPayload { JSONValidator.firstError(in: $0) } == nil, "seed \(seed)")
  #expect(text(escaped) == ReferenceCSV.json(String(decoding: input, as: UTF8.self)), "seed \(seed)")
}

@Test func compactsOutsideStringsOnly() {
  var buffer = BatchBuffer(capacity: 0)
  withBytes("{ \"a b\" : [ 1 ,\n\t2 ], \"c\\\" d\" : \"\" }") { JSONCompactor.append($0, into: &buffer) }
  #expect(text(buffer) == "{\"a b\":[1,2],\"c\\\" d\":\"\"}")
}
