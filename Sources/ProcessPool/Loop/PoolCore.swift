import Multiprocessing
import POSIXKit
import ZeroMQ

/// The pool's loop: what has happened goes to the machine, what it wants is done. For one thread.
///
/// A `turn` is one step of it. Whoever waits for a result turns until it is there; nothing else drives the pool.
final class PoolCore {
  /// What must be there before the first worker: made at the first submission, so that several fork pools can
  /// be made before the first of them has threads.
  private let makeTransport: () throws -> PoolTransport
  let starter: WorkerStarter
  let name: String
  let initializer: (name: String, arguments: [UInt8])?
  var machine: ProcessPool.StateMachine
  var transport: PoolTransport?
  var seats: [WorkerSeat?]
  var jobs: [UInt64: PoolJob] = [:]
  private var nextJob: UInt64 = 1
  /// The job that results were last taken for.
  private var recent: PoolJob?
  /// Jobs that are done and have not been told.
  private var finishedJobs: [PoolJob] = []
  /// How the last worker of each slot ended.
  var lastEnds: [(epoch: UInt32, status: ExitStatus?, tail: [String], reason: String)]
  private var actions: [PoolAction] = []
  private var isCarryingOut = false
  var poller = POSIXKit.Poller()
  private var lookAt: UInt64 = 0
  /// Those with orders that have not been sent.
  var unsent: [WorkerSeat] = []
  var now: UInt64 = MonotonicClock.now()
  /// Why the pool came to an end by itself.
  var failure: PoolError?

  enum Token {
    static let inbox = 0
    static let handshakes = 1
    static let server = 2
    static let seats = 16
  }

  init(
    _ rules: ProcessPool.StateMachine.Rules, _ starter: WorkerStarter, name: String,
    initializer: (name: String, arguments: [UInt8])?, transport: @escaping () throws -> PoolTransport
  ) {
    machine = .init(rules)
    self.starter = starter
    self.name = name
    self.initializer = initializer
    makeTransport = transport
    seats = Array(repeating: nil, count: rules.workers)
    lastEnds = Array(repeating: (0, nil, [], ""), count: rules.workers)
  }

  /// Starts the workers, where they have not been started.
  func activate() throws {
    if transport != nil || machine.phase == .finished { return }
    try PoolTransport.ensureDescriptors(for: seats.count)
    do { transport = try makeTransport() } catch {
      throw PoolError.system("The pool can't be opened: \(error)")
    }
    now = MonotonicClock.now()
    act { machine, now, actions in machine.started(now: now, &actions) }
  }

  /// Makes a job known, whose tasks may be submitted then.
  func add(_ job: PoolJob, retries: Int, timeout: Duration?) {
    jobs[job.id] = job
    job.isTimed = timeout != nil
    let limit = timeout?.wholeNanoseconds
    act { machine, _, _ in machine.jobOpened(job.id, retries: retries, limit: limit) }
  }

  /// A turn that does not wait.
  func poll() throws {
    if machine.phase != .finished { try turn(until: MonotonicClock.now()) }
  }

  func newJobID() -> UInt64 {
    defer { nextJob += 1 }
    return nextJob
  }

  /// Gives the machine an input and does what it wants.
  func act(_ input: (inout ProcessPool.StateMachine, UInt64, inout [PoolAction]) -> Void) {
    input(&machine, now, &actions)
    if isCarryingOut { return }
    isCarryingOut = true
    var next = 0
    while next < actions.count {
      let action = actions[next]
      next += 1
      carryOut(action)
    }
    actions.removeAll(keepingCapacity: true)
    isCarryingOut = false
  }

  /// Takes what has happened; where nothing has, waits for it until the deadline (of `MonotonicClock`; nil:
  /// none). Throws `PoolError.system`.
  func turn(until deadline: UInt64?) throws {
    do {
      try step(until: deadline)
    } catch {
      throw PoolError.system("The pool '\(name)' can't go on: \(error)")
    }
    tellFinished()
  }

  private func step(until deadline: UInt64?) throws {
    now = MonotonicClock.now()
    let moved = try receive()
    sendOrders()
    // While results keep coming, the rest is looked at now and then only.
    if moved && now < lookAt { return }
    lookAt = now + 10_000_000
    let isReady = try wait(moved ? now : self.deadline(deadline))
    now = MonotonicClock.now()
    if isReady { try lookAround() }
    passTime()
    settle()
    sendOrders()
  }

  /// When a turn must be made at the latest.
  var nextDeadline: UInt64? { deadline(nil) }

  private func deadline(_ asked: UInt64?) -> UInt64? {
    var nearest = MonotonicClock.nearest(asked, machine.nextDeadline)
    nearest = MonotonicClock.nearest(nearest, starter.server?.nextDeadline)
    // Nothing tells when a worker's connection stands.
    if !unsent.isEmpty { nearest = MonotonicClock.nearest(nearest, now + 1_000_000) }
    for case .some(let seat) in seats {
      if let ended = seat.ended { nearest = MonotonicClock.nearest(nearest, ended.waitUntil) }
    }
    return nearest
  }

  /// All that arrived. False: nothing.
  func receive() throws -> Bool {
    guard let transport else { return false }
    var moved = false
    for _ in 0..<256 {
      switch try transport.inbox.receive() {
      case .some(let message):
        take(message)
        moved = true
      case .none: return moved
      }
    }
    return true
  }

  /// Lists what a turn waits for.
  func watch(in poller: inout POSIXKit.Poller) {
    if let transport {
      poller.watch(transport.inboxDescriptor, token: Token.inbox)
      if transport.authenticatorDescriptor >= 0 {
        poller.watch(transport.authenticatorDescriptor, token: Token.handshakes)
      }
    }
    starter.server?.watch(in: &poller, token: Token.server)
    for case .some(let seat) in seats where seat.ended == nil {
      seat.process.watch(in: &poller, token: Token.seats + seat.worker.slot)
    }
  }

  /// False when the deadline came first.
  private func wait(_ deadline: UInt64?) throws -> Bool {
    poller.removeAll()
    watch(in: &poller)
    let isInputThere = try transport?.inbox.hasInput ?? false
    return try !poller.wait(until: isInputThere ? now : deadline).isEmpty || isInputThere
  }

  func forgetRecent() { recent = nil }

  func job(_ id: UInt64) -> PoolJob? {
    if let recent, recent.id == id { return recent }
    recent = jobs[id]
    return recent
  }

  func noteProgress(of job: PoolJob) {
    guard job.isDone else { return }
    jobs[job.id] = nil
    recent = nil
    finishedJobs.append(job)
  }

  /// Calls what waits for jobs, when the loop is in order again: it may submit more.
  private func tellFinished() {
    while !finishedJobs.isEmpty { finishedJobs.removeFirst().completed() }
  }
}
