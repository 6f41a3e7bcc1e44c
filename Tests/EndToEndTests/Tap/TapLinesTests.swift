import Control
import ProcessionCLI
import Records
import Testing
import Worker

/// What a tap's reader makes of what workers send.
struct TapLinesTests {
  private static func text(
    _ lines: inout TapLines, slot: String = "clean.0", dropped: UInt64 = 0, tooLong: UInt64 = 0,
    _ records: [String]
  ) throws -> String {
    let head = TapDatagram(slot: slot, dropped: dropped, tooLong: tooLong, count: UInt32(records.count))
    let bytes = head.encoded() + Array(records.map { $0 + "\n" }.joined().utf8)
    var output = BatchBuffer(capacity: 0)
    try bytes.withUnsafeBytes { try lines.take($0, into: &output) }
    return output.withPayload { String(decoding: $0, as: UTF8.self) }
  }

  @Test func `records come one a line, and what was dropped is counted`() throws {
    var lines = TapLines()
    #expect(try Self.text(&lines, dropped: 3, tooLong: 1, ["{\"a\":1}", "2"]) == "{\"a\":1}\n2\n")
    #expect(try Self.text(&lines, dropped: 4, []) == "")
    #expect((lines.shown, lines.dropped, lines.tooLong) == (2, 7, 1))
  }

  @Test func `as JSON each says which slot it passed`() throws {
    var lines = TapLines(wrapsInJSON: true)
    #expect(
      try Self.text(&lines, slot: "c.1", ["{\"a\":1}"])
        == "{\"schema\":\"procession.tap/1\",\"slot\":\"c.1\",\"record\":{\"a\":1}}\n")
  }

  @Test func `a filter keeps those for which it is true`() throws {
    var lines = TapLines(filter: try TapFilter(".a > 1"))
    #expect(try Self.text(&lines, ["{\"a\":1}", "{\"a\":2}", "7", "{\"a\":3}"]) == "{\"a\":2}\n{\"a\":3}\n")
    #expect(lines.filterFailure?.contains("the filter failed for 1 record, first with: ") == true)
  }

  @Test func `what is no JSON is a string`() throws {
    var lines = TapLines(wrapsInJSON: true)
    let text = try Self.text(&lines, ["{oops"])
    #expect(text.hasSuffix(",\"record\":\"{oops\"}\n"))
  }

  @Test func `another slot's records are not shown, and enough is enough`() throws {
    var lines = TapLines(slot: "clean.1", limit: 2)
    #expect(try Self.text(&lines, slot: "clean.0", dropped: 5, ["1"]) == "")
    #expect(lines.dropped == 0 && !lines.isFull)
    #expect(try Self.text(&lines, slot: "clean.1", ["1", "2", "3"]) == "1\n2\n")
    let isFull = lines.isFull
    #expect(isFull)
  }

  @Test func `what no worker sends is a problem`() {
    var lines = TapLines()
    var output = BatchBuffer(capacity: 0)
    #expect(throws: TapDatagram.Problem.damaged) {
      try Array("no datagram at all, whatever it says".utf8).withUnsafeBytes {
        try lines.take($0, into: &output)
      }
    }
  }
}
