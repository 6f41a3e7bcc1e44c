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
    var dead: UInt64
    var restarts: Int
    /// Batches that were worked on more than once.
    var replayed: UInt64
  }

  let pipeline: String
  /// The pipeline file as the user named it.
  let file: String
  let rows: [Row]
  let sinks: [SinkReport]
  let imbalances: [String]
  /// Why a complete run is none: too many records could not be worked on.
  let excess: String?
  let outcome: Outcome
  let seconds: Double

  init(
    plan: Plan, topology: Topology, report: RunReport, pages: [StatisticsPage], late: [UInt16: Int] = [:]
  ) {
    pipeline = plan.name
    file = plan.file
    outcome = report.outcome
    seconds = report.seconds
    let keeper = plan.stages.firstIndex { $0.work == .deadLetters }
    sinks = report.sinks.filter { Int($0.slot.stage) != keeper }.map(\.report)
    rows = plan.stages.indices.filter { $0 != keeper }.map { index in
      let stage = plan.stages[index]
      let count = report.tally.count(of: UInt16(index))
      let slots = topology.slots(of: UInt16(index)).map(topology.position(of:))
      return Row(
        stage: stage.name, workers: report.workers[index], startMethod: stage.startMethod.rawValue,
        recordsIn: count.recordsIn, recordsOut: count.recordsOut, filtered: count.filtered, dead: count.dead,
        restarts: slots.reduce(0) { $0 + report.restarts[$1] },
        replayed: Self.replayed(index, topology: topology, report: report, pages: pages))
    }
    imbalances = report.isComplete ? Ledger(plan: plan, report: report, late: late).imbalances : []
    let counts = rows.map {
      DeadLetterLimit.Count(name: $0.stage, recordsIn: $0.recordsIn, dead: $0.dead)
    }
    excess = report.outcome == .complete ? plan.deadLetters.supervised.excess(counts, isEnd: true) : nil
  }

  /// Batches that the stage's workers of this process finished beyond those that there were to finish.
  private static func replayed(
    _ stage: Int, topology: Topology, report: RunReport, pages: [StatisticsPage]
  ) -> UInt64 {
    guard report.isComplete else { return 0 }
    let done = topology.slots(of: UInt16(stage)).reduce(0) { $0 + pages[topology.position(of: $1)][.batches] }
    var distinct: UInt64 = 0
    for origin in topology.stages.indices.flatMap({ topology.slots(of: UInt16($0)) })
    where topology.stages[Int(origin.stage)].role.isOrigin {
      // A stage with state counts what it took, not what it numbered.
      if Int(origin.stage) == stage && topology.stages[stage].role == .custody { continue }
      // What never ends was left where it stood.
      let ended = report.lastSequences.first { $0.origin == origin }?.last
      let last = ended ?? max(1, pages[topology.position(of: origin)][.lowWater]) - 1
      // 0: it was complete before this process began.
      let first = pages[topology.position(of: origin)][.firstLowWater]
      if first == 0 || first > last + 1 { continue }
      let paths = topology.countOfPaths(from: origin.stage, to: UInt16(stage))
      distinct += (last + 1 - first) * UInt64(paths)
    }
    return done > distinct ? done - distinct : 0
  }

  var isBalanced: Bool { imbalances.isEmpty }

  var deadLetters: UInt64 { rows.reduce(0) { $0 + $1.dead } }

  var text: String {
    let header = ["stage", "workers", "start", "in", "out", "filtered", "dead", "replayed", "restarts"]
    let table = rows.map {
      [
        $0.stage, "\($0.workers)", $0.startMethod, Figures.grouped($0.recordsIn),
        Figures.grouped($0.recordsOut), Figures.grouped($0.filtered), Figures.grouped($0.dead),
        Figures.grouped($0.replayed), "\($0.restarts)",
      ]
    }
    var lines = Columns.lines([header] + table, numeric: [1, 3, 4, 5, 6, 7, 8])
    lines += sinks.map(Self.text(of:))
    let restarts = rows.reduce(0) { $0 + $1.restarts }
    let replayed = rows.reduce(0) { $0 + $1.replayed }
    if restarts > 0 {
      lines.append(
        "\(Self.count(restarts, "restart")), \(Self.count(Int(replayed), "batch", "batches")) worked on again"
      )
    }
    if deadLetters > 0 {
      lines.append(
        "\(Self.count(Int(deadLetters), "dead letter")); see them with '\(ProgramName.current) dead-letters list \(file)'"
      )
    }
    if case .complete = outcome {
      lines.append(isBalanced ? "every stage balances" : imbalances.joined(separator: "\n"))
    }
    lines.append(verdict)
    return lines.joined(separator: "\n")
  }

  static func text(of sink: SinkReport) -> String {
    "wrote \(sink.target): \(Figures.grouped(sink.records)) records, \(Figures.bytes(sink.bytes)), "
      + (sink.isDurable ? "durable" : "not durable")
  }

  static func count(_ value: Int, _ one: String, _ many: String? = nil) -> String {
    value == 1 ? "1 \(one)" : "\(value) \(many ?? one + "s")"
  }

  var verdict: String {
    let time = "\(Figure.fixed(seconds, 2)) s"
    switch outcome {
    case .complete:
      if let excess { return "failed after \(time)\n\(excess)" }
      return isBalanced ? "complete in \(time)" : "failed after \(time): the counts disagree"
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
