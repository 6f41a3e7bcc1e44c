import Control
import Coordination
import POSIXKit

/// What the shared pages say at one moment, slot by slot in plan order.
struct TopSample {
  /// Counters of one slot; what is in progress is counted up to the moment of the sample.
  struct Slot: Equatable {
    var epoch: UInt64 = 0
    var isRunning = false
    var pid: Int32 = 0
    var recordsIn: UInt64 = 0
    var recordsOut: UInt64 = 0
    var bytesIn: UInt64 = 0
    var bytesOut: UInt64 = 0
    var queue: UInt64 = 0
    var busy: UInt64 = 0
    var inputWait: UInt64 = 0
    var outputWait: UInt64 = 0
    /// Nanoseconds of CPU time and bytes of memory; nil where the process is gone.
    var cpu: UInt64?
    var memory: Int?
  }

  /// Monotonic nanoseconds.
  var time: UInt64
  var slots: [Slot]

  init(time: UInt64, slots: [Slot]) {
    self.time = time
    self.slots = slots
  }

  /// Reads the pages and /proc. `base` is where the pages are mapped.
  init(_ layout: PagesLayout, base: UnsafeMutableRawPointer) {
    let now = MonotonicClock.now()
    time = now
    slots = []
    for stage in layout.stages {
      for place in stage.first..<stage.first + stage.slots {
        slots.append(Self.read(StatisticsPage(base: base + place * StatisticsPage.size), now: now))
      }
    }
  }

  private static func read(_ page: StatisticsPage, now: UInt64) -> Slot {
    var slot = Slot()
    slot.epoch = page[.epoch]
    switch StatisticsPage.State(rawValue: page[.state]) {
    case .running, .retiring: slot.isRunning = true
    case .waiting, .starting, .backoff, .over, .failed, .parked, .unwanted, nil: slot.isRunning = false
    }
    slot.pid = Int32(truncatingIfNeeded: page[.processID])
    slot.recordsIn = page[.recordsIn]
    slot.recordsOut = page[.recordsOut]
    slot.bytesIn = page[.bytesIn]
    slot.bytesOut = page[.bytesOut]
    slot.queue = page[.queueLength]
    slot.busy = page[.busyNanoseconds]
    slot.inputWait = page[.inputWaitNanoseconds]
    slot.outputWait = page[.outputWaitNanoseconds]
    guard slot.isRunning else { return slot }
    func elapsed(since moment: UInt64) -> UInt64 { now > moment ? now - moment : 0 }
    let waitSince = page[.waitSince]
    if waitSince > 0 {
      if page[.waitsForOutput] == 1 {
        slot.outputWait += elapsed(since: waitSince)
      } else {
        slot.inputWait += elapsed(since: waitSince)
      }
    } else if page[.hasBatch] == 1 {
      slot.busy += elapsed(since: page[.batchSince])
    }
    if slot.pid > 0, let process = try? ProcessStatistics(of: slot.pid) {
      slot.cpu = process.userNanoseconds + process.systemNanoseconds
      slot.memory = process.residentBytes
    }
    return slot
  }
}
