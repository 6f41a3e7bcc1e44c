/// What a run tells of itself: `status`, `ps`, and each line of `status --json`.
///
/// Names are those of the JSON (`procession.status/1`); units stand in them. Counts are those of the pages,
/// replays included.
package struct RunStatus: Codable, Sendable, Equatable {
  package enum State: String, Codable, Sendable {
    /// Not every worker has been ready yet.
    case starting
    case running
    /// A worker is dead, being replaced or parked.
    case degraded
    case paused
    /// Reads no more and finishes what is in flight.
    case draining
    /// Everything is being ended.
    case ending
  }

  package enum SlotState: String, Codable, Sendable {
    case waiting, starting, running, retiring, stopping, backoff, parked, over
  }

  package struct Slot: Codable, Sendable, Equatable {
    package var name: String
    package var state: SlotState
    /// Nil where no process lives.
    package var pid: Int32?
    /// Counts the slot's lives, from 1.
    package var epoch: UInt32
    package var uptime_seconds: Double?
    package var restarts: Int
    package var cpu_seconds: Double?
    package var memory_bytes: Int?
    /// The batch in hand in words, and for how long.
    package var in_hand: String?
    package var in_hand_seconds: Double?
    /// Seconds until it is started again, while it waits for that.
    package var starts_in_seconds: Double?

    package init(name: String, state: SlotState, epoch: UInt32, restarts: Int) {
      self.name = name
      self.state = state
      self.epoch = epoch
      self.restarts = restarts
    }
  }

  package struct Stage: Codable, Sendable, Equatable {
    package var name: String
    /// source, step, sink or dead-letters
    package var role: String
    package var start_method: String
    /// Slots that are wanted, by the file or by `scale`.
    package var workers: Int
    /// The most that `scale` takes; equal to `workers` where the stage can't be scaled.
    package var workers_most: Int
    package var records_in: UInt64
    package var records_out: UInt64
    package var records_dead: UInt64
    package var batches: UInt64
    package var slots: [Slot]

    package init(name: String, role: String, start_method: String, workers: Int, workers_most: Int) {
      self.name = name
      self.role = role
      self.start_method = start_method
      self.workers = workers
      self.workers_most = workers_most
      records_in = 0
      records_out = 0
      records_dead = 0
      batches = 0
      slots = []
    }
  }

  /// Batches that have been cut and are not committed everywhere.
  package struct InFlight: Codable, Sendable, Equatable {
    package var batches: UInt64
    /// The oldest: its source's slot and its number, and how long it has been the oldest.
    package var oldest_source: String?
    package var oldest_batch: UInt64?
    package var oldest_seconds: Double?

    package init(batches: UInt64) { self.batches = batches }
  }

  package var schema = "procession.status/1"
  package var pipeline: String
  /// As the user named it when the run was started.
  package var file: String
  package var state: State
  /// The supervisor's.
  package var pid: Int32
  package var state_folder: String
  package var uptime_seconds: Double
  package var input_done_bytes: UInt64
  /// 0 if it is not known.
  package var input_size_bytes: UInt64
  package var in_flight: InFlight
  package var stages: [Stage]

  package init(
    pipeline: String, file: String, state: State, pid: Int32, state_folder: String, uptime_seconds: Double
  ) {
    self.pipeline = pipeline
    self.file = file
    self.state = state
    self.pid = pid
    self.state_folder = state_folder
    self.uptime_seconds = uptime_seconds
    input_done_bytes = 0
    input_size_bytes = 0
    in_flight = InFlight(batches: 0)
    stages = []
  }
}
