import Control
import Coordination
import POSIXKit
import Supervisor

extension RunSummary {
  /// What the closing table says, as records of the log: one for each stage and sink, and the verdict last.
  func tell(_ log: RunLog) {
    func add(
      _ level: LogRecord.Level, _ message: String, stage: String? = nil,
      _ fields: [(name: String, value: LogRecord.Value)]
    ) {
      log.add(
        LogRecord(
          time: WallClock.now(), level: level, pipeline: pipeline, stage: stage, message: message,
          fields: fields))
    }
    func count(_ value: UInt64) -> LogRecord.Value { .integer(Int64(clamping: value)) }
    for row in rows {
      let restarts = row.restarts > 0 ? ", \(Self.count(row.restarts, "restart"))" : ""
      add(
        .info,
        "\(Figures.grouped(row.recordsIn)) in, \(Figures.grouped(row.recordsOut)) out, "
          + "\(Figures.grouped(row.filtered)) filtered, \(Figures.grouped(row.dead)) dead\(restarts)",
        stage: row.stage,
        [
          ("event", .text("stage-end")), ("records_in", count(row.recordsIn)),
          ("records_out", count(row.recordsOut)), ("records_filtered", count(row.filtered)),
          ("records_dead", count(row.dead)), ("batches_replayed", count(row.replayed)),
          ("restarts", .integer(Int64(row.restarts))),
        ])
    }
    for sink in sinks {
      add(
        .info, Self.text(of: sink),
        [
          ("event", .text("output")), ("target", .text(sink.target)), ("records", count(sink.records)),
          ("written_bytes", count(sink.bytes)), ("durable", .truth(sink.isDurable)),
        ])
    }
    add(
      level, verdict,
      [
        ("event", .text("end")), ("outcome", .text(document.outcome)), ("elapsed_seconds", .decimal(seconds)),
        ("balanced", .truth(isBalanced)),
      ])
  }

  private var level: LogRecord.Level {
    switch document.outcome {
    case "failed": .error
    case "forced": .warning
    default: .notice
    }
  }
}
