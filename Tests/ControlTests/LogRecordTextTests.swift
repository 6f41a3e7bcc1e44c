import Control
import Testing

@Suite struct LogRecordTextTests {
  private func record(
    _ message: String, level: LogRecord.Level = .warning, stage: String? = "clean", slot: String? = "clean.0"
  ) -> LogRecord {
    LogRecord(
      time: 1_795_401_717_123_456_789, level: level, pipeline: "p", stage: stage, slot: slot,
      message: message,
      fields: [("pid", .integer(7))])
  }

  @Test func `a terminal shows who and what`() {
    #expect(LogFormat.plain.text(of: record("by zero")) == "clean.0: by zero")
    #expect(LogFormat.plain.text(of: record("late", slot: nil)) == "clean: late")
    #expect(LogFormat.plain.text(of: record("draining", stage: nil, slot: nil)) == "draining")
  }

  @Test func `a message that begins with the slot does not name it twice`() {
    #expect(
      LogFormat.plain.text(of: record("clean.0 was killed by SIGKILL")) == "clean.0 was killed by SIGKILL")
    // Another slot's name may begin alike.
    #expect(LogFormat.plain.text(of: record("clean.01 is late")) == "clean.0: clean.01 is late")
  }

  @Test func `what is kept has time and level first`() {
    #expect(
      LogFormat.dated.text(of: record("by zero")) == "2026-11-23T02:41:57.123Z warning clean.0: by zero")
  }

  @Test func `the journal gets a priority on each line`() {
    #expect(
      LogFormat.journal.text(of: record("died\n  its last words:"))
        == "<4>clean.0: died\n<4>  its last words:")
    let priorities = LogRecord.Level.allCases.map {
      LogFormat.journal.text(of: record("", level: $0)).prefix(3)
    }
    #expect(priorities == ["<7>", "<7>", "<6>", "<5>", "<4>", "<3>", "<2>"])
  }
}
