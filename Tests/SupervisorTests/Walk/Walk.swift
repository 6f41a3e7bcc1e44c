import Coordination
import Delivery
import Supervisor
import TestSupport

/// One random run of the machine against the fake world: chaos at first, then a fair world until the end.
///
/// Now and then the supervisor dies with all its workers, or a run ends before all is done: a new machine then
/// goes on with what the journal holds.
struct Walk {
  private var random: SeededRandom
  private let shape: RandomShape
  private var machine: SupervisorStateMachine
  private var world: FakeWorld
  private var now: UInt64 = 0
  private(set) var steps = 0
  private(set) var trace: [String] = []
  /// Keeps ``trace``: for the replay of a failing seed.
  private let isTraced: Bool
  /// Inputs that may end a run early, so that the outcome can be judged.
  private var hasFailed = false
  private var stopRequests = 0
  private var isPartial = false
  private var hasParked = false
  /// Machines so far.
  private(set) var lives = 1
  private static let mostLives = 6

  init(seed: UInt64, isTraced: Bool = false) throws {
    random = SeededRandom(seed)
    shape = RandomShape(&random)
    self.isTraced = isTraced
    machine = SupervisorStateMachine(
      topology: shape.topology, stages: shape.stages, strategy: shape.strategy, limits: Linear.limits)
    world = try FakeWorld(shape.topology, journal: [.began(run: 1, time: 0)])
  }

  var outcome: Outcome? { world.outcome }

  mutating func run() throws {
    while true {
      try live()
      try checkEnd()
      if world.outcome == .complete || lives == Self.mostLives || random.chance(300) { return }
      try goOn()
    }
  }

  /// One machine, until it has finished or died.
  private mutating func live() throws {
    var chaos = steps + random.below(400)
    try world.apply(machine.runRequested(now: now))
    while world.outcome == nil {
      steps += 1
      if steps > chaos + 4_000 { throw Wrong("no end in a fair world") }
      now += UInt64(random.below(4))
      if steps <= chaos {
        if lives < Self.mostLives && random.chance(3) {
          chaos = steps + random.below(400)
          try goOn()
          try world.apply(machine.runRequested(now: now))
          continue
        }
        try disturb()
      } else if machine.isPaused {
        try steer("resume") { machine, _ in try machine.resumeRequested() }
      } else if hasEndlessInput && stopRequests == 0 && !hasFailed {
        try ask("stop") { $0.stopRequested(signal: 15, now: $1) }
      } else {
        try proceed()
      }
      try checkDeadline()
    }
  }

  /// Another supervisor, which knows only the journal.
  private mutating func goOn() throws {
    note("another supervisor")
    lives += 1
    // It may have died right before it wrote its last entry.
    let isCut = world.journal.count > 1 && random.chance(200)
    world = try FakeWorld(shape.topology, journal: isCut ? world.journal.dropLast() : world.journal)
    machine = SupervisorStateMachine(
      topology: shape.topology, stages: shape.stages, strategy: shape.strategy, limits: Linear.limits,
      history: world.history)
    (hasFailed, stopRequests, isPartial, hasParked) = (false, 0, false, false)
  }

  private func isEndless(_ position: Int) -> Bool { shape.stages[Int(world.slots[position].stage)].isEndless }

  /// Whether a source that never ends still reads.
  private var hasEndlessInput: Bool {
    world.slots.indices.contains { isEndless($0) && !world.reported[$0] }
  }

  /// A random fact, fair or not.
  private mutating func disturb() throws {
    switch random.below(1_000) {
    case 0..<120:
      let alive = world.slots.indices.filter { world.processes[$0] != nil }
      if !alive.isEmpty { try exit(random.pick(alive), random.pick([-9, -11, 0, 7, nil])) }
    case 120..<160: try repeatFact()
    case 160..<163: try ask("stop") { $0.stopRequested(signal: 15, now: $1) }
    case 163..<164: try ask("failure") { machine, _ in machine.fail("no") }
    case 164..<204: try steer()
    default: try proceed(isLazy: true)
    }
  }

  private mutating func ask(
    _ name: String, _ input: (inout SupervisorStateMachine, UInt64) -> [SupervisorAction]
  ) throws {
    note(name)
    if name == "stop" { stopRequests += 1 } else { hasFailed = true }
    try world.apply(input(&machine, now))
  }

  /// Something that an operator asks for, or that a look at a worker brings.
  private mutating func steer() throws {
    let stage = random.below(shape.stages.count)
    let slot = random.chance(500) ? nil : random.below(3)
    let workers = 1 + random.below(4)
    let living = world.slots.indices.filter { world.processes[$0]?.isAnnounced == true }
    switch random.below(7) {
    case 0:
      try steer("scale s\(stage) to \(workers)") {
        try $0.scaleRequested(stage: stage, workers: workers, now: $1)
      }
    case 1, 2:
      try steer("restart s\(stage).\(slot.map(String.init) ?? "*")") {
        try $0.restartRequested(stage: stage, slot: slot, now: $1)
      }
    case 3:
      try steer(machine.isPaused ? "resume" : "pause") { machine, _ in
        try machine.isPaused ? machine.resumeRequested() : machine.pauseRequested()
      }
    case let kind:
      if living.isEmpty { return }
      let worker = world.processes[random.pick(living)]!.worker
      let isHard = random.chance(300)
      switch kind {
      case 4:
        try steer("memory \(worker) \(isHard)") {
          $0.memoryExceeded(worker, isHard: isHard, used: 1 << 30, now: $1)
        }
      case 5: try steer("due \(worker)") { $0.replacementDue(worker, reason: "old", now: $1) }
      default: try steer("overdue \(worker)") { $0.workOverdue(worker, now: $1) }
      }
    }
  }

  private mutating func steer(
    _ name: String, _ input: (inout SupervisorStateMachine, UInt64) throws -> [SupervisorAction]
  ) throws {
    note(name)
    do {
      try world.apply(input(&machine, now))
    } catch let refusal as Refusal {
      note("refused: \(refusal)")
    }
  }

  /// Something that was said already, or that an earlier life says.
  private mutating func repeatFact() throws {
    let position = random.below(world.slots.count)
    let slot = world.slots[position]
    let living = world.processes[position]?.worker.epoch ?? 0
    let stale = slot.life(UInt32(random.below(Int(living) + 1)))
    if stale.epoch == living, world.processes[position]?.isReady != true { return }
    note("again \(stale)")
    let ready = machine.workerReady(stale, now: now)
    guard ready.isEmpty else { throw Wrong("a stale ready of \(stale) led to \(ready)") }
    if stale.epoch != living {
      let exit = machine.workerExited(stale, WorkerEnd(status: -9), now: now, random: 0)
      guard exit.isEmpty else { throw Wrong("a stale exit of \(stale) led to \(exit)") }
    }
    if world.reported[position] {
      let report = machine.allReported(stale, now: now)
      guard report.isEmpty else { throw Wrong("a repeated report of \(stale) led to \(report)") }
    }
  }

  /// One thing that a fair world does next: a worker goes on, or time does. In a lazy one the sources have
  /// so much to read that they seldom come to their end.
  private mutating func proceed(isLazy: Bool = false) throws {
    var able: [Int] = []
    for position in world.slots.indices where canProceed(position) { able.append(position) }
    if able.isEmpty || random.chance(100) {
      guard let deadline = machine.nextDeadline else {
        if able.isEmpty && !machine.isPaused && !(hasEndlessInput && !machine.isDraining) {
          throw Wrong("nothing to do and nothing to wait for")
        }
        return
      }
      note("time \(deadline)")
      now = max(now, deadline)
      let actions = machine.deadlineReached(now: now)
      guard !actions.isEmpty else { throw Wrong("the deadline \(deadline) meant nothing") }
      try world.apply(actions)
    } else {
      let position = random.pick(able)
      let isReading = world.role(position) == .source && world.processes[position]!.isReady
      if isLazy && isReading && !random.chance(20) { return }
      try proceed(position)
    }
  }

  private func canProceed(_ position: Int) -> Bool {
    guard let process = world.processes[position] else { return false }
    if !process.isReady || process.isCondemned || process.isStopped || process.isRetiring { return true }
    switch world.role(position) {
    case .source:
      if process.hasReported || process.isPaused { return false }
      if !process.isDrained { return !isEndless(position) }
      return !process.hasPaused || process.drainTarget != nil || process.hasAnnouncedEnd
    case .sink, .deadLetters: return process.isFlushed && !process.hasReported
    case .custody: return (process.isFlushed || process.isDrained) && !process.hasReported
    case .step: return false
    }
  }

  private mutating func proceed(_ position: Int) throws {
    let process = world.processes[position]!
    let worker = process.worker
    if process.isCondemned { return try exit(position, -9) }
    if process.isStopped || process.isRetiring { return try exit(position, 0) }
    if !process.isReady {
      note("ready \(worker)")
      world.processes[position]!.isReady = true
      return try world.apply(machine.workerReady(worker, now: now), newcomer: worker)
    }
    if world.role(position) == .custody { return try finish(position) }
    // What a source says of its end may cross with the order to drain.
    let comesToItsEnd = process.hasAnnouncedEnd && (process.hasPaused || random.chance(300))
    if process.isDrained && !process.hasPaused && process.drainTarget == nil && !comesToItsEnd {
      let last = UInt64(random.below(9))
      note("paused \(worker) \(last)")
      world.processes[position]!.hasPaused = true
      return try world.apply(machine.originPaused(worker, last: last))
    }
    if let target = process.drainTarget, !process.hasAnnouncedEnd, process.ends[position] == nil,
      isEndless(position) || random.chance(700)
    {
      // Now and then its input gives no more before it has come as far as the others.
      let last = random.chance(100) && target > 0 ? target - 1 : target
      note("drained \(worker) \(last)")
      world.processes[position]!.hasReported = true
      world.reported[position] = true
      isPartial = true
      return try world.apply(machine.allReported(worker, last: last, isWhole: false, now: now))
    }
    if world.role(position) == .source && !process.hasAnnouncedEnd {
      let last = process.ends[position] ?? 9
      note("end \(worker) \(last)")
      world.processes[position]!.hasAnnouncedEnd = true
      return try world.apply(machine.originEnded(worker, last: last))
    }
    note("report \(worker)")
    world.processes[position]!.hasReported = true
    world.reported[position] = true
    try world.apply(machine.allReported(worker, now: now))
  }

  /// A stage with state says where it ended, if it did, and then that all of it is done.
  private mutating func finish(_ position: Int) throws {
    let process = world.processes[position]!
    let worker = process.worker
    if process.isFlushed && !process.hasAnnouncedEnd && random.chance(700) {
      let last = process.ends[position] ?? 9
      note("end \(worker) \(last)")
      world.processes[position]!.hasAnnouncedEnd = true
      return try world.apply(machine.originEnded(worker, last: last))
    }
    note("report \(worker)")
    world.processes[position]!.hasReported = true
    world.reported[position] = true
    try world.apply(machine.allReported(worker, isWhole: process.isFlushed, now: now))
  }

  private mutating func exit(_ position: Int, _ status: Int32?) throws {
    let process = world.processes[position]!
    let worker = process.worker
    note("exit \(worker) \(status.map(String.init) ?? "not started")")
    world.processes[position] = nil
    let actions = machine.workerExited(
      worker, WorkerEnd(status: status, inHand: inHand(position), isExcused: random.chance(100)), now: now,
      random: random.next())
    for death in actions.deaths {
      switch death.consequence {
      case .tooMany, .notReplaced: hasFailed = true
      case .parked: hasParked = true
      case .restart, .isolating, .excused, .stopping: break
      }
      if death.incarnation != worker { throw Wrong("\(worker) died and \(death.incarnation) is reported") }
    }
    try world.apply(actions)
    // Its report may have been under way when it died.
    let mayHaveReported =
      process.isReady && (world.role(position) == .source ? process.hasAnnouncedEnd : process.isFlushed)
    if mayHaveReported && !world.reported[position] && world.outcome == nil && random.chance(100) {
      note("late report \(worker)")
      world.reported[position] = true
      try world.apply(machine.allReported(worker, now: now))
    }
  }

  /// Some die with one of a few batches in hand, and of those some at a record.
  private mutating func inHand(_ position: Int) -> InHand? {
    guard world.role(position) == .step, random.chance(400) else { return nil }
    let batch = BatchID(
      origin: world.slots[0], sequence: UInt64(random.below(3) + 1), branch: Branch(rawValue: 7))
    return InHand(batch: batch, record: random.chance(500) ? UInt32(random.below(3)) : nil)
  }

  private func checkDeadline() throws {
    guard let deadline = machine.nextDeadline else { return }
    if world.outcome != nil { throw Wrong("a deadline after the end") }
    let furthest = now + max(Linear.limits.readyWithin, Linear.limits.retireWithin)
    if deadline > furthest { throw Wrong("the deadline \(deadline) is none at \(now)") }
  }

  private mutating func checkEnd() throws {
    guard machine.isFinished else { throw Wrong("finished, and does not know") }
    let everyReport = world.slots.indices.allSatisfy { world.role($0) == .step || world.reported[$0] }
    switch world.outcome! {
    case .complete: if isPartial || !everyReport { throw Wrong("complete without reason") }
    case .stopped, .drained: if !isPartial && !hasParked { throw Wrong("stopped without reason") }
    case .failed: if !hasFailed && !hasParked { throw Wrong("failed without reason") }
    case .forced:
      if stopRequests == 0 || stopRequests < 2 && !hasFailed { throw Wrong("forced without reason") }
    }
    let late =
      machine.deadlineReached(now: .max) + machine.stopRequested(signal: 2, now: .max) + machine.fail("")
    guard late.isEmpty else { throw Wrong("\(late) after the end") }
  }

  private mutating func note(_ line: @autoclosure () -> String) {
    if isTraced { trace.append("\(now): \(line())") }
  }
}
