import Control
import FoundationEssentials
import Testing

@Suite struct LogRecordJSONTests {
  private let full = LogRecord(
    time: 1_795_401_717_123_456_000, level: .error, pipeline: "flights", stage: "clean", slot: "clean.0",
    message: "clean.0 died\n  \"by\" zero / \u{1B}[1m\t€\u{0}",
    fields: [
      ("cpu_seconds", .decimal(0.25)), ("durable", .truth(true)), ("event", .text("crash")),
      ("last_lines", .lines(["one", ""])), ("pid", .integer(4711)),
    ])

  @Test func `a record is one line with all that is known`() {
    let line = full.jsonLine
    #expect(!line.utf8.contains(10))
    #expect(
      line
        == #"{"fields":{"cpu_seconds":0.25,"durable":true,"event":"crash","last_lines":["one",""],"pid":4711},"#
        + #""level":"error","message":"clean.0 died\n  \"by\" zero / \u001b[1m\t€\u0000","pipeline":"flights","#
        + #""schema":"procession.log/1","slot":"clean.0","stage":"clean","time":"2026-11-23T02:41:57.123456Z"}"#
    )
  }

  @Test func `what is not known is left out`() {
    let record = LogRecord(time: 0, level: .info, pipeline: "p", message: "m")
    #expect(
      record.jsonLine
        == #"{"level":"info","message":"m","pipeline":"p","schema":"procession.log/1","time":"1970-01-01T00:00:00.000000Z"}"#
    )
  }

  @Test func `a record is read as it was written`() throws {
    #expect(try LogRecord(jsonLine: full.jsonLine.utf8) == full)
    for level in LogRecord.Level.allCases {
      let record = LogRecord(time: 1_000, level: level, pipeline: "", message: "")
      #expect(try LogRecord(jsonLine: record.jsonLine.utf8) == record)
    }
  }

  @Test func `a number that JSON has no word for is text`() throws {
    let record = LogRecord(
      time: 0, level: .info, pipeline: "p", message: "m", fields: [("rate", .decimal(.infinity))])
    #expect(try LogRecord(jsonLine: record.jsonLine.utf8).fields.map(\.value) == [.text("inf")])
  }

  @Test func `names of later versions are passed over`() throws {
    let line =
      #"{"schema":"procession.log/1","time":"2026-11-23T02:41:57Z","level":"info","pipeline":"p","#
      + #""message":"m","host":{"name":"a"}}"#
    let record = try LogRecord(jsonLine: line.utf8)
    #expect(record.time == 1_795_401_717_000_000_000 && record.message == "m")
  }

  @Test(arguments: [
    #"{"#, #"{}"#, #"[]"#, "",
    #"{"schema":"procession.log/2","time":"2026-11-23T02:41:57Z","level":"info","pipeline":"p","message":"m"}"#,
    #"{"schema":"procession.log/1","time":"yesterday","level":"info","pipeline":"p","message":"m"}"#,
    #"{"schema":"procession.log/1","time":"2026-11-23T02:41:57.Z5Z","level":"info","pipeline":"p","message":"m"}"#,
    #"{"schema":"procession.log/1","time":"2026-11-23T02:41:57Z","level":"loud","pipeline":"p","message":"m"}"#,
    #"{"schema":"procession.log/1","time":"2026-11-23T02:41:57Z","level":"info","pipeline":"p"}"#,
  ])
  func `what is no record is refused`(line: String) {
    #expect(throws: (any Error).self) { try LogRecord(jsonLine: line.utf8) }
  }
}
