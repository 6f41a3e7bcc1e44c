import Records
import Stages
import Testing

struct StoredLetterJSONTests {
  private func record(_ bytes: String, _ format: RecordFormat, schema: [UInt8] = []) -> String {
    var buffer = BatchBuffer(headroom: 0, capacity: 0)
    let stored = StoredLetter(
      id: 1, state: .dead, replay: nil, origin: Letters.origin(format: format, schema: schema),
      letter: Letters.letter(bytes: bytes))
    stored.appendJSON(into: &buffer)
    let line = buffer.withPayload { text in
      #expect(JSONValidator.firstError(in: text) == nil)
      return String(decoding: text, as: UTF8.self)
    }
    let start = line.firstRange(of: ",\"record\":")!.upperBound
    return String(line[start...].dropLast(2))
  }

  @Test func `a record is JSON where it can be, and text where not`() throws {
    #expect(record("{ \"a\": \"x y\" }\r", .json) == "{\"a\":\"x y\"}")
    #expect(record("{\"a\":", .json) == "\"{\\\"a\\\":\"")
    #expect(record("1", .line) == "\"1\"")
    let schema = try CSVSchema(columns: ["a", "b"]).encode()
    #expect(record("7,\"x\ny\"", .csv, schema: schema) == "{\"a\":7,\"b\":\"x\\ny\"}")
    #expect(record("7", .csv, schema: schema) == "\"7\"")
    #expect(record("7", .csv, schema: [9]) == "\"7\"")
  }

  @Test func `a line holds identity, error and record`() {
    var buffer = BatchBuffer(headroom: 0, capacity: 0)
    let stored = StoredLetter(
      id: 3, state: .replaying, replay: "r", origin: Letters.origin(run: 255),
      letter: Letters.letter(4, cause: .death("SIGSEGV"), time: 1_700_000_000_123_000_000))
    stored.appendJSON(into: &buffer)
    let line = buffer.withPayload { String(decoding: $0, as: UTF8.self) }
    let expected = [
      #"{"id":3,"state":"replaying","replay":"r","stage":"clean","step":2,"kind":"death","cause":"SIGSEGV","#,
      #""attempts":1,"worker":"clean.0","time":"2023-11-14T22:13:20.123Z","lastWords":"last words\n","#,
      #""file":"in.jsonl","line":5,"run":"00000000000000ff","origin":"read.0","sequence":1,"#,
      #""branch":"ffffffffffffffff","index":4,"format":"json","record":{}}"#,
    ]
    #expect(line == expected.joined() + "\n")
  }
}
