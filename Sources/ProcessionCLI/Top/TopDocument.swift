import Control

/// `procession.top/1`: one line of `top --json`.
struct TopDocument: Encodable {
  struct Slot: Encodable {
    let name, state: String
    let pid: Int32?
    /// Of one processor.
    let cpu_share: Double?
    let memory_bytes: Int?
    let restarts: Int
  }

  struct Stage: Encodable {
    let name, role, state: String
    let workers, workers_running, restarts: Int
    let records_in_per_second, records_out_per_second: Double
    let bytes_in_per_second, bytes_out_per_second: Double
    let queue_batches: UInt64
    let busy_share, waiting_for_input_share, waiting_for_output_share: Double
    let slots: [Slot]
  }

  struct Found: Encodable {
    let kind, stage: String
  }

  let schema = "procession.top/1"
  let pipeline, state: String
  let uptime_seconds, interval_seconds: Double
  let in_flight_batches: UInt64
  let bottleneck: Found?
  let stages: [Stage]

  init(_ reading: TopReading) {
    pipeline = reading.status.pipeline
    state = reading.status.state.rawValue
    uptime_seconds = reading.status.uptime_seconds
    interval_seconds = reading.seconds
    in_flight_batches = reading.status.in_flight.batches
    bottleneck = reading.bottleneck.map { Found(kind: $0.kind.rawValue, stage: $0.stage) }
    stages = reading.stages.map { stage in
      Stage(
        name: stage.name, role: stage.role, state: stage.state, workers: stage.wanted,
        workers_running: stage.running, restarts: stage.restarts, records_in_per_second: stage.recordsIn,
        records_out_per_second: stage.recordsOut, bytes_in_per_second: stage.bytesIn,
        bytes_out_per_second: stage.bytesOut, queue_batches: stage.queue, busy_share: stage.busy,
        waiting_for_input_share: stage.inputWait, waiting_for_output_share: stage.outputWait,
        slots: stage.slots.map {
          Slot(
            name: $0.name, state: $0.state, pid: $0.pid, cpu_share: $0.cpu, memory_bytes: $0.memory,
            restarts: $0.restarts)
        })
    }
  }
}
