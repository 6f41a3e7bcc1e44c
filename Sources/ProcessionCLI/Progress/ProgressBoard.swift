import Coordination
import POSIXKit

/// Reads the shared pages and works out rates between two readings.
struct ProgressBoard {
  struct StageReading {
    var name: String
    var isSource: Bool
    var recordsIn: UInt64 = 0
    var recordsOut: UInt64 = 0
    /// Records per second since the last reading.
    var rate: Double = 0
    var running = 0
    var workers = 0
    var restarts: UInt64 = 0
    var state = "waiting"
  }

  struct Reading {
    var stages: [StageReading]
    var inputDone: UInt64
    /// 0 if it is not known.
    var inputSize: UInt64
    var seconds: Double
  }

  private let setup: ProgressSetup
  private let pages: [[StatisticsPage]]
  private let started = MonotonicClock.now()
  private var lastTime = MonotonicClock.now()
  private var lastRecords: [UInt64]

  init(_ setup: ProgressSetup, base: UnsafeMutableRawPointer) {
    self.setup = setup
    var next = base
    pages = setup.stages.map { stage in
      (0..<stage.slots).map { _ in
        defer { next += StatisticsPage.size }
        return StatisticsPage(base: next)
      }
    }
    lastRecords = setup.stages.map { _ in 0 }
  }

  mutating func read() -> Reading {
    let now = MonotonicClock.now()
    let elapsed = max(1e-9, Double(now - lastTime) / 1e9)
    var reading = Reading(stages: [], inputDone: 0, inputSize: 0, seconds: Double(now - started) / 1e9)
    for (index, stage) in setup.stages.enumerated() {
      var entry = StageReading(name: stage.name, isSource: stage.isSource)
      var states: [StatisticsPage.State] = []
      for page in pages[index] {
        entry.recordsIn += page[.recordsIn]
        entry.recordsOut += page[.recordsOut]
        entry.restarts += page[.restarts]
        let state = StatisticsPage.State(rawValue: page[.state]) ?? .waiting
        if state != .unwanted { states.append(state) }
        if stage.isSource {
          reading.inputDone += page[.inputDone]
          reading.inputSize += page[.inputSize]
        }
      }
      entry.workers = states.count
      entry.running = states.count { $0 == .running || $0 == .retiring }
      entry.state = Self.words(states)
      entry.rate = Double(entry.recordsIn &- lastRecords[index]) / elapsed
      lastRecords[index] = entry.recordsIn
      reading.stages.append(entry)
    }
    lastTime = now
    return reading
  }

  private static func words(_ states: [StatisticsPage.State]) -> String {
    if states.allSatisfy({ $0 == .over }) { return "over" }
    if states.contains(.parked) { return "degraded" }
    if states.contains(.backoff) { return "restarting" }
    if states.contains(.starting) { return "starting" }
    if states.contains(.running) { return "running" }
    return "waiting"
  }
}
