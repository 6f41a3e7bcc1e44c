import Coordination
import Delivery
import PipelineFile
import Supervisor

/// What a run says at its end: a row for each stage, what the sinks wrote, the ledger, the outcome.
///
/// The counts are exact, whatever died: they come with `done` to the sources (see `Tally`).
struct RunSummary {
  struct Row {
    var stage: String
    var workers: Int
    var startMethod: String
    var recordsIn: UInt64
    var recordsOut: UInt64
    var filtered: UInt64
    var restarts: Int
    /// Batches that were worked on more than once.
    var replayed: UInt64
  }

  let pipeline: String
  let rows: [Row]
  let sinks: [SinkReport]
  let imbalances: [String]
  let outcome: Outcome
  let seconds: Double

  init(plan: Plan, topology: Topology, report: RunReport, pages: [StatisticsPage]) {
    pipeline = plan.name
    outcome = report.outcome
    seconds = report.seconds
    sinks = report.sinks.map(\.report)
    var rows: [Row] = []
    var imbalances: [String] = []
    for (index, stage) in plan.stages.enumerated() {
      let count = report.tally.count(of: UInt16(index))
      let slots = (0..<stage.workers).map {
        topology.position(of: SlotID(stage: UInt16(index), index: UInt16($0)))
      }
      let done = slots.reduce(0) { $0 + pages[$1][.batches] }
      let distinct = report.lastSequences.reduce(UInt64(0)) {
        $0 + $1.last * UInt64(topology.countOfPaths(from: $1.origin.stage, to: UInt16(index)))
      }
      rows.append(
        Row(
          stage: stage.name, workers: stage.workers, startMethod: stage.startMethod.rawValue,
          recordsIn: count.recordsIn, recordsOut: count.recordsOut,
          filtered: count.recordsIn > count.recordsOut ? count.recordsIn - count.recordsOut : 0,
          restarts: slots.reduce(0) { $0 + report.restarts[$1] },
          replayed: done > distinct && report.isComplete ? done - distinct : 0))
      if stage.upstream.isEmpty { continue }
      let sent = stage.upstream.reduce(UInt64(0)) { $0 + report.tally.count(of: UInt16($1)).recordsOut }
      if sent != count.recordsIn {
        imbalances.append("\(stage.name) took \(count.recordsIn) records of the \(sent) that were sent to it")
      }
    }
    for (slot, sink) in report.sinks {
      let count = report.tally.count(of: slot.stage).recordsIn
      if sink.records != count {
        imbalances.append("\(plan.stages[Int(slot.stage)].name) wrote \(sink.records) records of \(count)")
      }
    }
    self.rows = rows
    self.imbalances = report.isComplete ? imbalances : []
  }

  var isBalanced: Bool { imbalances.isEmpty }

  var text: String {
    let header = ["stage", "workers", "start", "in", "out", "filtered", "dead", "restarts"]
    let table = rows.map {
      [
        $0.stage, "\($0.workers)", $0.startMethod, Figures.grouped($0.recordsIn),
        Figures.grouped($0.recordsOut), Figures.grouped($0.filtered), "0", "\($0.restarts)",
      ]
    }
    var lines = Columns.lines([header] + table, numeric: [1, 3, 4, 5, 6, 7])
    for sink in sinks {
      lines.append(
        "wrote \(sink.target): \(Figures.grouped(sink.records)) records, \(Figures.bytes(sink.bytes)), "
          + (sink.isDurable ? "durable" : "not durable: standard output can't be made so"))
    }
    let restarts = rows.reduce(0) { $0 + $1.restarts }
    let replayed = rows.reduce(0) { $0 + $1.replayed }
    if restarts > 0 {
      lines.append(
        "\(Self.count(restarts, "restart")), \(Self.count(Int(replayed), "batch", "batches")) worked on again"
      )
    }
    if case .complete = outcome {
      lines.append(isBalanced ? "every stage balances" : imbalances.joined(separator: "\n"))
    }
    lines.append(verdict)
    return lines.joined(separator: "\n")
  }

  private static func count(_ value: Int, _ one: String, _ many: String? = nil) -> String {
    value == 1 ? "1 \(one)" : "\(value) \(many ?? one + "s")"
  }

  private var verdict: String {
    let time = "\(Figures.fixed(seconds, 2)) s"
    switch outcome {
    case .complete: return isBalanced ? "complete in \(time)" : "failed after \(time): the counts disagree"
    case .stopped: return "stopped with work left after \(time); the same command goes on"
    case .drained: return "drained in \(time); the same command goes on with what comes"
    case .failed(let text): return "failed after \(time)\n\(text)"
    case .forced: return "ended at once after \(time); the same command goes on"
    }
  }
}

extension RunReport {
  /// Whether the counts are final: all sources and sinks have reported.
  var isComplete: Bool {
    switch outcome {
    case .complete, .stopped, .drained: true
    case .failed, .forced: false
    }
  }
}
