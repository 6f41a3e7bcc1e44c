import Control
import Glibc
import Logging
import POSIXKit
import Supervisor
import Testing

struct RunLogTests {
  /// Keeps what it is given.
  private final class Kept: LogDestination {
    var texts: [String] = []
    func write(_ text: String) { texts.append(text) }
    func watch(in poller: inout Poller, token: Int) {}
    func proceed() throws(SystemCallError) {}
    func close() {}
  }

  @Test func `each destination gets its own format, and the observer the record`() {
    let (plain, json) = (Kept(), Kept())
    let log = RunLog(pipeline: "p", to: [(plain, .plain), (json, .json)])
    var seen: [LogRecord] = []
    log.observer = { seen.append($0) }
    let record = LogRecord(
      time: 5_000, level: .info, pipeline: "p", stage: "read", slot: "read.0", message: "hello")
    log.add(record)
    #expect(plain.texts == ["read.0: hello"])
    #expect(json.texts == [record.jsonLine])
    #expect(seen == [record])
  }

  @Test func `what matters less than the level goes nowhere`() {
    let kept = Kept()
    let log = RunLog(pipeline: "p", level: .warning, to: [(kept, .plain)])
    var count = 0
    log.observer = { _ in count += 1 }
    let logger = log.makeLogger()
    for level in Logger.Level.allCases { logger.log(level: level, "\(level.rawValue)") }
    #expect(kept.texts == ["warning", "error", "critical"])
    #expect(count == 3)
  }

  @Test func `metadata become fields of their kind, but for stage and slot`() throws {
    let log = RunLog(pipeline: "p", to: [])
    var seen: [LogRecord] = []
    log.observer = { seen.append($0) }
    var logger = log.makeLogger()
    logger[metadataKey: "stage"] = "clean"
    logger.notice(
      "m",
      metadata: [
        "slot": "clean.1", "pid": .stringConvertible(Int32(7)), "big": .stringConvertible(UInt64.max),
        "seconds": .stringConvertible(1.5), "ready": .stringConvertible(true), "lines": ["a", "b"],
        "signal": "SIGTERM",
      ])
    let record = try #require(seen.first)
    #expect(record.pipeline == "p" && record.level == .notice && record.message == "m")
    #expect(record.stage == "clean" && record.slot == "clean.1")
    let now = WallClock.now()
    #expect(record.time <= now && now - record.time < 60_000_000_000)
    let expected: [(String, LogRecord.Value)] = [
      ("big", .text("18446744073709551615")), ("lines", .lines(["a", "b"])), ("pid", .integer(7)),
      ("ready", .truth(true)), ("seconds", .decimal(1.5)), ("signal", .text("SIGTERM")),
    ]
    #expect(record.fields.map(\.name) == expected.map(\.0))
    #expect(record.fields.map(\.value) == expected.map(\.1))
  }
}
