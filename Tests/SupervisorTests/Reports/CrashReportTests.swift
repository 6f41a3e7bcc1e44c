import Control
import Delivery
import Logging
import Multiprocessing
import Supervisor
import Testing

struct CrashReportTests {
  private func made(
    _ status: Int32?, _ consequence: Death.Consequence, detail: String = "",
    inHand: CrashReport.InHand? = nil, usage: ResourceUsage? = nil, lastLines: [String] = []
  ) -> CrashReport {
    let death = Death(
      incarnation: SlotID(stage: 1, index: 0).life(2), status: status, uptime: 1_250_000_000, wasReady: true,
      detail: detail, consequence: consequence)
    return CrashReport(
      stage: "clean", name: "clean.0", pid: status == nil ? nil : 4711, method: .fork, death: death,
      usage: usage, inHand: inHand, lastLines: lastLines)
  }

  private func report(
    _ status: Int32?, _ consequence: Death.Consequence, detail: String = "",
    inHand: CrashReport.InHand? = nil, lastLines: [String] = []
  ) -> [String] {
    made(status, consequence, detail: detail, inHand: inHand, lastLines: lastLines).lines
  }

  /// As the log has it.
  private func record(_ report: CrashReport) throws -> LogRecord {
    let log = RunLog(pipeline: "p", level: .trace, to: [])
    var records: [LogRecord] = []
    log.observer = { records.append($0) }
    report.tell(log.makeLogger())
    try #require(records.count == 1)
    return records[0]
  }

  @Test func `a signal is named, with what the worker did and said`() {
    let lines = report(
      -9, .restart(delay: 73_000_000, count: 1, max: 5, window: 60_000_000_000),
      inHand: .init(place: "batch 7, in.csv:12", batch: 7), lastLines: ["about to divide", "by zero"])
    #expect(
      lines == [
        "clean.0 was killed by SIGKILL after 1.25 s (started by fork, pid 4711); "
          + "restarting in 73 ms, 1 of 5 within 60 s",
        "  in hand: batch 7, in.csv:12",
        "  its last words:",
        "    about to divide",
        "    by zero",
      ])
  }

  @Test func `an exit has its status`() {
    #expect(
      report(7, .notReplaced) == [
        "clean.0 left with status 7 after 1.25 s (started by fork, pid 4711); "
          + "the pipeline stops: the restart policy does not replace it"
      ])
  }

  @Test func `too many deaths say how many were allowed`() {
    #expect(
      report(-11, .tooMany(max: 5, window: 60_000_000_000)) == [
        "clean.0 was killed by SIGSEGV after 1.25 s (started by fork, pid 4711); "
          + "the pipeline stops: more than 5 restarts within 60 s"
      ])
  }

  @Test func `a worker that could not be started says why`() {
    #expect(
      report(nil, .stopping, detail: "fork: EAGAIN") == [
        "clean.0 could not be started: fork: EAGAIN after 1.25 s (started by fork); the pipeline is stopping"
      ])
  }

  @Test func `programs get all of it as fields of one record`() throws {
    let record = try record(
      made(
        -9, .restart(delay: 250_000_000, count: 2, max: 5, window: 60_000_000_000),
        inHand: .init(place: "in.csv:12", batch: 7, record: 3),
        usage: ResourceUsage(
          userMicroseconds: 1_000_000, systemMicroseconds: 500_000, peakResidentBytes: 64 << 20,
          dumpedCore: true),
        lastLines: ["about to divide", "by zero"]))
    #expect(record.level == .warning && record.stage == "clean" && record.slot == "clean.0")
    #expect(
      LogFormat.plain.text(of: record)
        == """
        clean.0 was killed by SIGKILL after 1.25 s (started by fork, pid 4711); restarting in 250 ms, 2 of 5 \
        within 60 s
          in hand: in.csv:12
          used 1.50 s of CPU and at most 64 MiB of memory
          its last words:
            about to divide
            by zero
        """)
    var fields: [String: LogRecord.Value] = [:]
    for field in record.fields { fields[field.name] = field.value }
    let expected: [String: LogRecord.Value] = [
      "event": .text("crash"), "epoch": .integer(2), "pid": .integer(4711), "start_method": .text("fork"),
      "signal": .text("SIGKILL"), "uptime_seconds": .decimal(1.25), "was_ready": .truth(true),
      "in_hand": .text("in.csv:12"), "batch": .integer(7), "record": .integer(3),
      "cpu_seconds": .decimal(1.5), "peak_memory_bytes": .integer(64 << 20), "dumped_core": .truth(true),
      "last_lines": .lines(["about to divide", "by zero"]), "next": .text("restart"),
      "restart_in_seconds": .decimal(0.25), "restart_count": .integer(2), "restart_max": .integer(5),
      "restart_window_seconds": .decimal(60),
    ]
    #expect(fields == expected)
  }

  @Test func `what ends the pipeline is an error, what was meant is not`() throws {
    #expect(try record(made(7, .notReplaced)).level == .error)
    #expect(try record(made(-11, .tooMany(max: 5, window: 60_000_000_000))).level == .error)
    #expect(try record(made(-9, .stopping)).level == .warning)
    #expect(try record(made(-9, .isolating(delay: 1))).level == .warning)
  }

  @Test func `a start that failed has neither a status nor a pid`() throws {
    let names = try record(made(nil, .stopping, detail: "fork: EAGAIN")).fields.map(\.name)
    #expect(names.contains("detail"))
    #expect(!names.contains("pid") && !names.contains("signal") && !names.contains("exit_status"))
    #expect(
      try record(made(7, .notReplaced)).fields.contains {
        $0.name == "exit_status" && $0.value == .integer(7)
      })
  }
}
