import Coordination
import Supervisor

extension RunSummary {
  /// `procession.run/1`: the last line of `run --json`.
  struct Document: Encodable {
    struct Stage: Encodable {
      let name, start_method: String
      let workers, restarts: Int
      let records_in, records_out, records_filtered, records_dead, batches_replayed: UInt64
    }
    struct Sink: Encodable {
      let target: String
      let records, written_bytes: UInt64
      let durable: Bool
    }

    let schema = "procession.run/1"
    let pipeline, outcome: String
    let error: String?
    let elapsed_seconds: Double
    let stages: [Stage]
    let sinks: [Sink]
    let balanced: Bool
    let imbalances: [String]
  }

  var document: Document {
    Document(
      pipeline: pipeline, outcome: word, error: failure, elapsed_seconds: seconds,
      stages: rows.map {
        .init(
          name: $0.stage, start_method: $0.startMethod, workers: $0.workers, restarts: $0.restarts,
          records_in: $0.recordsIn, records_out: $0.recordsOut, records_filtered: $0.filtered,
          records_dead: $0.dead, batches_replayed: $0.replayed)
      },
      sinks: sinks.map {
        .init(target: $0.target, records: $0.records, written_bytes: $0.bytes, durable: $0.isDurable)
      },
      balanced: isBalanced, imbalances: imbalances)
  }

  private var word: String {
    switch outcome {
    case .complete: isBalanced && excess == nil ? "complete" : "failed"
    case .stopped: "stopped"
    case .drained: "drained"
    case .failed: "failed"
    case .forced: "forced"
    }
  }

  private var failure: String? {
    if case .failed(let text) = outcome { return text }
    return excess
  }
}

extension RunSummary.Document {
  /// A run that never started.
  init(refused pipeline: String, error: String) {
    self.init(
      pipeline: pipeline, outcome: "refused", error: error, elapsed_seconds: 0, stages: [], sinks: [],
      balanced: true, imbalances: [])
  }
}
