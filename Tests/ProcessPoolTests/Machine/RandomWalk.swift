import ProcessPool
import TestSupport

/// One episode of a pool's life, chosen by a seed.
struct RandomWalk {
  private var random: SeededRandom
  private var fake: FakePool
  private(set) var steps = 0
  private var nextJob: UInt64 = 1
  private let deathsPercent: Int
  /// Its tasks take long: what it was given waits, and goes to others.
  private let slowSlot: Int?

  init(seed: UInt64) throws {
    random = SeededRandom(seed)
    var rules = ProcessPool.StateMachine.Rules(workers: Int.random(in: 1...5, using: &random))
    rules.depth = Int.random(in: 1...4, using: &random)
    if random.chance(30, in: 100) { rules.mostHandings = Int.random(in: 1...4, using: &random) }
    rules.mostFailedStarts = Int.random(in: 2...5, using: &random)
    deathsPercent = [0, 2, 10].randomElement(using: &random)!
    slowSlot = random.chance(30, in: 100) ? 0 : nil
    fake = try FakePool(rules)
  }

  /// Random steps, then all that is left without further mishaps.
  static func run(seed: UInt64) throws -> Int {
    var walk = try RandomWalk(seed: seed)
    for _ in 0..<400 where !walk.fake.isFinished { try walk.step() }
    try walk.end()
    return walk.steps
  }

  private mutating func step() throws {
    steps += 1
    let slot = Int.random(in: 0..<fake.rules.workers, using: &random)
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<6: try submit()
    case 6..<75:
      if slot != slowSlot || fake.workers[slot]?.isReady != true || random.chance(2, in: 100) {
        try work(slot)
      }
    case 75..<85: try pass()
    case 85..<86:
      if let job = fake.jobs.keys.sorted().randomElement(using: &random) {
        if !fake.jobs[job]!.isDropped && fake.jobs[job]!.endings.contains(nil) {
          fake.jobs[job]!.isDropped = true
          try fake.act { $0.jobDropped(job, now: $1, &$2) }
        }
      }
    case 86..<87 where random.chance(20, in: 100):
      if random.chance(50, in: 100) {
        try fake.act { $0.closeRequested(now: $1, &$2) }
      } else {
        try fake.act { $0.terminateRequested(now: $1, &$2) }
      }
    default: if random.chance(deathsPercent) { try die(slot) }
    }
  }

  private mutating func submit() throws {
    guard fake.machine.phase == .open else { return }
    let id = nextJob
    nextJob += 1
    let count = Int.random(in: 0...12, using: &random)
    let limit: UInt64? = random.chance(30, in: 100) ? UInt64.random(in: 1...3_000_000, using: &random) : nil
    let none = Array(repeating: 0, count: count)
    let retries = Int.random(in: 0...2, using: &random)
    fake.jobs[id] = .init(
      retries: retries, limit: limit, endings: Array(repeating: nil, count: count), deaths: none, near: none)
    let chunk = Int.random(in: 1...4, using: &random)
    try fake.act { machine, _, _ in machine.jobOpened(id, retries: retries, limit: limit) }
    let cut = Int.random(in: 0...count, using: &random)
    for range in [0..<cut, cut..<count] {
      try fake.act { $0.tasksSubmitted(id, range, chunk: chunk, now: $1, &$2) }
    }
    try fake.act { $0.jobSealed(id, now: $1, &$2) }
  }

  /// The worker does the next thing that it would do.
  private mutating func work(_ slot: Int) throws {
    guard var worker = fake.workers[slot] else { return }
    if worker.isCondemned {
      if random.chance(30, in: 100) {
        try fake.die(slot, arriving: Int.random(in: 0...worker.sent.count, using: &random))
      }
      return
    }
    if !worker.isReady {
      fake.workers[slot]!.isReady = true
      return try fake.act { $0.workerReady(worker.worker, hasPage: worker.hasPage, now: $1, &$2) }
    }
    if let first = worker.sent.first, random.chance(60, in: 100) {
      fake.workers[slot]!.sent.removeFirst()
      return try fake.arrive(worker.worker, first.ticket, first.count)
    }
    if let handing = worker.given.first {
      if worker.inHand == nil {
        if worker.done == 0 { worker.come(to: handing.ticket) }
        worker.inHand = TaskInHand(
          ticket: handing.ticket, index: handing.range.lowerBound + worker.done, startedAt: fake.now)
      } else {
        worker.inHand = nil
        worker.done += 1
        worker.sent.append((handing.ticket, 1))
        if worker.done == handing.range.count {
          fake.lostHandings[handing.ticket] = handing
          worker.given.removeFirst()
          worker.done = 0
        }
      }
      fake.workers[slot] = worker
    } else if worker.isLeaving, worker.sent.isEmpty {
      try fake.die(slot, arriving: 0)
    }
  }

  private mutating func die(_ slot: Int) throws {
    guard let worker = fake.workers[slot] else { return }
    try fake.die(slot, arriving: Int.random(in: 0...worker.sent.count, using: &random))
  }

  private mutating func pass() throws {
    if let deadline = fake.machine.nextDeadline, random.chance(50, in: 100) {
      fake.now = max(fake.now, deadline)
    } else {
      fake.now += UInt64.random(in: 0...1_000_000, using: &random)
    }
    // Recalls that come to nothing are followed by others, but not without end.
    var turns = 0
    while let deadline = fake.machine.nextDeadline, deadline <= fake.now {
      let inHand = fake.workers.map { $0?.inHand }
      try fake.act { $0.timePassed(now: $1, inHand: inHand, &$2) }
      turns += 1
      if turns > 10 {
        throw Wrong("the deadline \(deadline) has passed at \(fake.now) and nothing came of it")
      }
    }
  }

  private mutating func end() throws {
    if !fake.isFinished { try fake.act { $0.closeRequested(now: $1, &$2) } }
    var rounds = 0
    while !fake.isFinished {
      rounds += 1
      if rounds > 20_000 { throw Wrong("no end in sight: \(fake.machine)") }
      steps += 1
      for slot in fake.workers.indices { try work(slot) }
      if random.chance(10, in: 100) { try pass() }
    }
    if fake.isAbandoned { return }
    for (id, job) in fake.jobs where !job.isDropped && job.endings.contains(nil) {
      throw Wrong("job \(id) was forgotten: \(job)")
    }
  }
}
