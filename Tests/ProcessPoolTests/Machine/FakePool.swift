import ProcessPool

/// Workers that start, work, lose results and die, and that check every order the machine gives.
struct FakePool {
  enum Ending: Equatable { case result, failed }

  struct Job {
    var retries: Int
    var limit: UInt64?
    var endings: [Ending?] = []
    var deaths: [Int]
    var near: [Int]
    var isDropped = false
  }

  let rules: ProcessPool.StateMachine.Rules
  var machine: ProcessPool.StateMachine
  var now: UInt64 = 1
  var workers: [FakeWorker?]
  private var epochs: [UInt32]
  var jobs: [UInt64: Job] = [:]
  private(set) var isFinished = false
  private(set) var isAbandoned = false
  /// The worker whose death is being told, and what it was at.
  private var dying: FakeWorker?
  private var lastTicket: UInt64 = 0
  private var failedStarts: [Int]

  init(_ rules: ProcessPool.StateMachine.Rules) throws {
    self.rules = rules
    machine = .init(rules)
    workers = Array(repeating: nil, count: rules.workers)
    epochs = Array(repeating: 0, count: rules.workers)
    failedStarts = epochs.map { _ in 0 }
    try act { $0.started(now: $1, &$2) }
  }

  /// Gives the machine an input and carries out what it wants.
  mutating func act(
    _ input: (inout ProcessPool.StateMachine, UInt64, inout [PoolAction]) throws -> Void
  ) throws {
    var actions: [PoolAction] = []
    try input(&machine, now, &actions)
    for action in actions { try carryOut(action) }
    if let deadline = machine.nextDeadline, isFinished { throw Wrong("a deadline \(deadline) after the end") }
  }

  private mutating func carryOut(_ action: PoolAction) throws {
    if isFinished { throw Wrong("\(action) after the end") }
    switch action {
    case .start(let worker):
      guard workers[worker.slot] == nil, worker.epoch == epochs[worker.slot] + 1 else {
        throw Wrong("\(action) where \(String(describing: workers[worker.slot])) is")
      }
      epochs[worker.slot] += 1
      workers[worker.slot] = FakeWorker(worker: worker, hasPage: worker.slot % 4 != 3)
    case .hand(let handing, let worker): try hand(handing, worker)
    case .recall(let ticket, let worker):
      guard var fake = alive(worker) else { throw Wrong("\(action) of a dead worker") }
      guard let place = fake.given.firstIndex(where: { $0.ticket == ticket }),
        place > 0 || fake.inHand == nil,
        place > 0 || fake.done == 0
      else { return }
      fake.given.remove(at: place)
      fake.handed -= 1
      workers[worker.slot] = fake
      try act { $0.handingRecalled(from: worker, ticket: ticket, now: $1, &$2) }
    case .finish(let worker):
      guard alive(worker)?.isLeaving == false else { throw Wrong("\(action) twice, or of a dead worker") }
      workers[worker.slot]!.isLeaving = true
    case .kill(let worker):
      guard workers[worker.slot]?.worker == worker, !workers[worker.slot]!.isCondemned else {
        throw Wrong("\(action) twice, or of a dead worker")
      }
      workers[worker.slot]!.isCondemned = true
    case .fail(let job, let index, let failure): try fail(job, index, failure)
    case .abandonAll(let end):
      if isAbandoned { throw Wrong("abandoned twice") }
      isAbandoned = true
      if case .noWorkerStarts = end, workers.contains(where: { $0?.isReady == true && !$0!.isCondemned }) {
        throw Wrong("given up while a worker is ready")
      }
    case .finished:
      if workers.contains(where: { $0 != nil }) { throw Wrong("finished while workers are alive") }
      isFinished = true
    }
  }

  private func alive(_ worker: PoolWorker) -> FakeWorker? {
    guard let fake = workers[worker.slot], fake.worker == worker, !fake.isCondemned else { return nil }
    return fake
  }

  private mutating func hand(_ handing: PoolHanding, _ worker: PoolWorker) throws {
    guard var fake = alive(worker), fake.isReady, !fake.isLeaving else {
      throw Wrong("\(handing) for \(worker), which can't take it")
    }
    if handing.ticket <= lastTicket { throw Wrong("\(handing) after \(lastTicket)") }
    lastTicket = handing.ticket
    if handing.range.isEmpty { throw Wrong("an empty handing") }
    if jobs[handing.job]!.isDropped { throw Wrong("\(handing) of a dropped job") }
    for index in handing.range {
      if jobs[handing.job]!.endings[index] != nil { throw Wrong("task \(index) of \(handing) has ended") }
      if workers.contains(where: { $0?.holds(handing.job, index) == true }) {
        throw Wrong("task \(index) of \(handing) is in hand elsewhere")
      }
    }
    fake.given.append(handing)
    fake.line.append(handing.ticket)
    if fake.line.count > 2 * rules.depth { throw Wrong("\(worker) has a line of \(fake.line.count)") }
    fake.handed += 1
    if fake.given.count > (fake.hasPage ? rules.depth : 1) { throw Wrong("\(worker) has too much") }
    if fake.handed > rules.mostHandings ?? .max { throw Wrong("\(worker) was given too often") }
    workers[worker.slot] = fake
  }

  private mutating func fail(_ id: UInt64, _ index: Int, _ failure: PoolTaskFailure) throws {
    guard let job = jobs[id], job.endings[index] == nil, !job.isDropped else {
      throw Wrong("task \(index) of job \(id) failed and is over: \(failure)")
    }
    jobs[id]!.endings[index] = .failed
    guard let dying else { throw Wrong("\(failure) while nobody died") }
    switch failure {
    case .died(let worker):
      if worker != dying.worker { throw Wrong("\(failure), but \(dying.worker) died") }
      let byDeaths = job.deaths[index] > job.retries
      let byNearDeaths = job.near[index] > rules.mostNearDeaths
      if !byDeaths && !byNearDeaths { throw Wrong("task \(index) failed with retries left: \(job)") }
    case .overdue(let limit):
      guard limit == job.limit, dying.isCondemned else { throw Wrong("\(failure) of \(job)") }
      if let inHand = dying.inHand, dying.hasPage, inHand.startedAt + limit > now || inHand.index != index {
        throw Wrong("\(failure) of task \(index), but \(inHand) at \(now)")
      }
    }
  }

  /// Its exit: some of what it had sent arrives, the rest is lost.
  mutating func die(_ slot: Int, arriving: Int) throws {
    guard var fake = workers[slot] else { return }
    for message in fake.sent.prefix(arriving) { try arrive(fake.worker, message.ticket, message.count) }
    fake = workers[slot]!
    let inHand = fake.hasPage ? fake.inHand : nil
    noteDeath(fake)
    workers[slot] = nil
    dying = fake
    try act { $0.workerEnded(fake.worker, inHand: inHand, now: $1, &$2) }
    dying = nil
  }

  /// Counts what the death may be blamed on.
  private mutating func noteDeath(_ fake: FakeWorker) {
    for (place, given) in fake.given.enumerated() {
      guard let pending = given.range.first(where: { jobs[given.job]!.endings[$0] == nil }) else { continue }
      if fake.hasPage, let inHand = fake.inHand {
        if inHand.ticket == given.ticket { jobs[given.job]!.deaths[inHand.index] += 1 }
      } else if place == 0, !fake.hasPage {
        jobs[given.job]!.deaths[pending] += 1
      }
      if place == 0 { jobs[given.job]!.near[pending] += 1 }
    }
    // Handings whose results are lost are pending too.
    for lost in fake.sent where !fake.given.contains(where: { $0.ticket == lost.ticket }) {
      guard let handing = lostHandings[lost.ticket] else { continue }
      for index in handing.range where jobs[handing.job]!.endings[index] == nil {
        jobs[handing.job]!.near[index] += 1
        if !fake.hasPage { jobs[handing.job]!.deaths[index] += 1 }
      }
    }
  }

  /// Handings whose tasks have all ended, by ticket, for as long as results of them are on their way.
  var lostHandings: [UInt64: PoolHanding] = [:]

  mutating func arrive(_ worker: PoolWorker, _ ticket: UInt64, _ count: Int) throws {
    var ended: PoolHanding?
    let now = now
    let before = endedBefore(ticket, worker)
    try act { ended = $0.resultsArrived(from: worker, ticket: ticket, count: count, now: now, &$2) }
    guard let handing = before.handing else { throw Wrong("results of an unknown handing") }
    if (ended != nil) == jobs[handing.job]!.isDropped && !isAbandoned {
      throw Wrong("a dropped job's results")
    }
    if isAbandoned { return }
    let first = before.first
    if let ended, ended.job != handing.job || ended.range != first..<(first + count) {
      throw Wrong("\(ended) are the results of \(handing) from \(first) on")
    }
    for index in first..<(first + count) {
      if jobs[handing.job]!.endings[index] != nil && !jobs[handing.job]!.isDropped {
        throw Wrong("task \(index) of \(handing) has ended twice")
      }
      jobs[handing.job]!.endings[index] = .result
    }
    arrived[ticket] = first + count
    if first + count == handing.range.upperBound {
      lostHandings[ticket] = nil
      arrived[ticket] = nil
    }
  }

  /// By ticket: the first task whose result has not arrived.
  private var arrived: [UInt64: Int] = [:]

  private func endedBefore(_ ticket: UInt64, _ worker: PoolWorker) -> (handing: PoolHanding?, first: Int) {
    let handing = lostHandings[ticket] ?? workers[worker.slot]?.given.first { $0.ticket == ticket }
    return (handing, arrived[ticket] ?? handing?.range.lowerBound ?? 0)
  }
}
