import Control

/// What `top` shows: rates and shares between two samples, with what the run says of itself.
struct TopReading {
  struct Slot {
    var name: String
    var state: String
    var pid: Int32?
    /// Of one processor; nil where it is not known.
    var cpu: Double?
    var memory: Int?
    var restarts: Int
    var inHand: String
  }

  struct Stage {
    var name: String
    var role: String
    var state: String
    var running: Int
    var wanted: Int
    /// The most workers that it may be given.
    var most: Int
    var restarts: Int
    /// A second.
    var recordsIn = 0.0
    var recordsOut = 0.0
    var bytesIn = 0.0
    var bytesOut = 0.0
    /// Batches that wait at its workers; for a source, those that it has in flight.
    var queue: UInt64 = 0
    /// Shares of the time of its workers that run.
    var busy = 0.0
    var inputWait = 0.0
    var outputWait = 0.0
    var slots: [Slot] = []
  }

  var status: RunStatus
  /// Between the samples.
  var seconds: Double
  var stages: [Stage]
  var bottleneck: Bottleneck?

  /// The status lists the slots in the order of the pages.
  init(_ status: RunStatus, from before: TopSample, to now: TopSample) {
    self.status = status
    let span = now.time > before.time ? Double(now.time - before.time) : 1
    seconds = span / 1e9
    stages = []
    var place = 0
    for stage in status.stages {
      let places = place..<min(place + stage.slots.count, now.slots.count, before.slots.count)
      place += stage.slots.count
      stages.append(Self.stage(stage, places.map { (before.slots[$0], now.slots[$0]) }, span: span))
    }
    // Whoever reads nothing because it was told so is not held up.
    bottleneck = status.state == .paused ? nil : Bottleneck(stages)
  }

  private static func stage(
    _ stage: RunStatus.Stage, _ samples: [(before: TopSample.Slot, now: TopSample.Slot)], span: Double
  ) -> Stage {
    var made = Stage(
      name: stage.name, role: stage.role, state: StatusText.state(of: stage),
      running: stage.slots.count { $0.state == .running }, wanted: stage.workers, most: stage.workers_most,
      restarts: stage.slots.reduce(0) { $0 + $1.restarts })
    /// Counters go on from one life of a slot to the next; nothing ever runs backwards but a page that is new.
    func growth(_ counter: KeyPath<TopSample.Slot, UInt64>) -> Double {
      samples.reduce(0) { sum, pair in
        let (before, now) = (pair.before[keyPath: counter], pair.now[keyPath: counter])
        return sum + (now > before ? Double(now - before) : 0)
      }
    }
    let seconds = span / 1e9
    made.recordsIn = growth(\.recordsIn) / seconds
    made.recordsOut = growth(\.recordsOut) / seconds
    made.bytesIn = growth(\.bytesIn) / seconds
    made.bytesOut = growth(\.bytesOut) / seconds
    let alive = samples.count { $0.now.isRunning }
    let time = span * Double(max(1, alive))
    made.queue = samples.reduce(0) { $0 + ($1.now.isRunning ? $1.now.queue : 0) }
    made.busy = min(1, growth(\.busy) / time)
    made.inputWait = min(1, growth(\.inputWait) / time)
    made.outputWait = min(1, growth(\.outputWait) / time)
    for (index, slot) in stage.slots.enumerated() where slot.isShown(of: stage) {
      made.slots.append(Self.slot(slot, index < samples.count ? samples[index] : nil, span: span))
    }
    return made
  }

  private static func slot(
    _ slot: RunStatus.Slot, _ sample: (before: TopSample.Slot, now: TopSample.Slot)?, span: Double
  ) -> Slot {
    var cpu: Double?
    if let sample, sample.before.pid == sample.now.pid, let before = sample.before.cpu,
      let now = sample.now.cpu
    {
      cpu = now > before ? Double(now - before) / span : 0
    }
    var inHand = slot.in_hand ?? ""
    if !inHand.isEmpty, let time = slot.in_hand_seconds { inHand += " for \(StatusText.seconds(time))" }
    if let rest = slot.starts_in_seconds { inHand = "starts in \(StatusText.seconds(rest))" }
    return Slot(
      name: slot.name, state: slot.state.rawValue, pid: slot.pid, cpu: cpu,
      memory: sample?.now.memory ?? slot.memory_bytes, restarts: slot.restarts, inHand: inHand)
  }
}
