import Glibc
import Multiprocessing
import POSIXKit

/// Processes that do the tasks they are given, after Python's `multiprocessing.Pool`.
///
/// ```swift
/// try ProcessPool.with(workers: 5) { pool in
///   print(try pool.map(f, [1, 2, 3]))
/// }
/// ```
///
/// A pool has no thread of its own: its calls drive it. Whoever waits (`map`, `get`, `next`, `join`) sends tasks,
/// takes results and replaces workers meanwhile; between calls workers go on with what they have. Workers are
/// started with the first task.
///
/// A pool belongs to one isolation domain (it is not `Sendable`), so the compiler keeps it on one thread at a
/// time. From `async` code iterate over `imap` with `for try await`.
///
/// Started by fork, a pool forks a nursery when it is made, while this process has one thread, and the nursery
/// forks the workers and those that replace them; several fork pools are made before the first of them is used.
/// What a worker prints goes to this process's standard output; its standard error is shown on this process's own
/// whenever the pool is driven, and its last ten lines are part of the error that tells of its death.
public final class ProcessPool {
  /// How many workers there are.
  public let workers: Int
  /// How they are started.
  public let startMethod: StartMethod
  let core: PoolCore
  private let given: [String: String]
  private var checked: Set<String> = []
  private let launches: [Launch]
  private var isShut = false
  private let owner = getpid()
  private var streams: [WeakStream] = []

  struct WeakStream {
    weak var job: (any OpenStream)?
  }

  /// What each worker runs once, before its first task.
  public struct Initializer {
    let entry: RemoteFunctionEntry
    let arguments: [UInt8]

    /// Throws what the arguments' `encode(to:)` throws.
    public init<each Argument, Output>(
      _ function: RemoteFunction<repeat each Argument, Output>, _ arguments: repeat each Argument
    ) throws {
      entry = function.entry
      self.arguments = try function.encode(repeat each arguments)
    }
  }

  /// Makes a pool. Under fork this process must have one thread; other pools that were used have given it more.
  ///
  /// - Parameters:
  ///   - workers: how many; by default as many as there are processors.
  ///   - start: how they are started; by default as `setStartMethod` says, else by fork. Workers that are launched are spawned.
  ///   - functions: under fork the functions that tasks may name besides those listed in `bootstrap`: closures with
  ///     what they have captured.
  ///   - initializer: run in each worker before its first task. A worker whose initializer fails is replaced, more
  ///     and more slowly; when it has failed in every worker five times in a row, the pool ends with
  ///     `PoolError.workersFail`.
  ///   - maxTasksPerWorker: a worker that has done so many is replaced by a new one. As in Python a chunk counts
  ///     as one.
  ///   - launch: commands that start the workers elsewhere, taken in turn; all with one address.
  ///   - name: names the pool's processes in messages and in `ps`.
  ///
  /// Throws `ProcessError` for functions that workers would not find, `PoolError.usage`, `PoolError.system`.
  public init(
    workers: Int? = nil, start: StartMethod? = nil, functions: [any RemoteCallable] = [],
    initializer: Initializer? = nil, maxTasksPerWorker: Int? = nil, launch: [Launch] = [],
    name: String = "pool"
  ) throws {
    let count = workers ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    guard count > 0 else { throw PoolError.usage("A pool has at least one worker, not \(count).") }
    guard maxTasksPerWorker ?? 1 > 0 else {
      throw PoolError.usage("maxTasksPerWorker is at least 1; leave it out for workers that stay.")
    }
    for one in launch {
      guard !one.prefix.isEmpty else { throw PoolError.usage("A launch has a program as its prefix.") }
      guard one.address == launch[0].address else {
        throw PoolError.usage("All launches of a pool name one address of this machine.")
      }
    }
    self.workers = count
    startMethod = launch.isEmpty ? start ?? Multiprocessing.startMethod() : .spawn
    launches = launch
    var entries = functions.map(\.entry)
    given = Dictionary(entries.map { ($0.name, $0.signature) }) { $1 }
    if let initializer { entries.append(initializer.entry) }
    if startMethod != .fork {
      for entry in entries { try RemoteFunctionTable.check(entry, for: name) }
    }
    PoolFunctions.give(startMethod == .fork ? entries : [])
    var rules = StateMachine.Rules(workers: count)
    rules.mostHandings = maxTasksPerWorker
    let starter: WorkerStarter
    do { starter = try WorkerStarter(startMethod, launches: launch, name: name) } catch {
      throw PoolError.system("\(error)")
    }
    let address = launch.first?.address
    core = PoolCore(
      rules, starter, name: name, initializer: initializer.map { ($0.entry.name, $0.arguments) }
    ) {
      if let address { return try PoolTransport(room: count, address: address) }
      return try PoolTransport(room: count)
    }
  }

  deinit {
    // A forked child has a copy, whose processes are not its own.
    if !isShut && getpid() == owner { terminate() }
  }

  /// Makes a pool, lends it to the body, and terminates it at the end, as Python's `with` does: results that were
  /// not waited for are lost. Takes what `init` takes. Throws what `init` and the body throw.
  public static func with<Result>(
    workers: Int? = nil, start: StartMethod? = nil, functions: [any RemoteCallable] = [],
    initializer: Initializer? = nil, maxTasksPerWorker: Int? = nil, launch: [Launch] = [],
    name: String = "pool", _ body: (ProcessPool) throws -> Result
  ) throws -> Result {
    let pool = try ProcessPool(
      workers: workers, start: start, functions: functions, initializer: initializer,
      maxTasksPerWorker: maxTasksPerWorker, launch: launch, name: name)
    defer { pool.terminate() }
    return try body(pool)
  }

  /// The pids of the workers that exist now, in the order of their slots.
  public var processIDs: [Int32] { core.seats.compactMap { $0?.process.pid } }

  /// Takes what has happened and does what follows, without waiting. For programs that do other things between
  /// submitting tasks and asking for their results. Throws `PoolError.system`.
  public func poll() throws {
    try core.poll()
  }

  /// No more tasks are taken; those that were end. May be called at any time.
  public func close() {
    core.act { machine, now, actions in machine.closeRequested(now: now, &actions) }
  }

  /// Ends the workers at once, with all that they have started, and waits until they are gone: a few
  /// milliseconds, and never more than ten seconds. Tasks that are open fail with `PoolError.terminated`. May be
  /// called at any time, also twice.
  public func terminate() {
    if isShut { return }
    core.act { machine, now, actions in machine.terminateRequested(now: now, &actions) }
    let deadline = MonotonicClock.deadline(after: .seconds(10))
    while core.machine.phase != .finished && MonotonicClock.now() < deadline {
      do { try core.turn(until: deadline) } catch { break }
    }
    shut()
  }

  /// Waits until all tasks have ended and the workers are gone; what `imap` has not read yet is read as its tasks
  /// end, and an input without end has no end here either. The results can be taken afterwards. Throws
  /// `PoolError.stillRunning` before `close` or `terminate`, and `PoolError.notReady` when the time (nil: without
  /// end) is over first: then it may be called again.
  public func join(timeout: Duration? = nil) throws {
    if core.machine.phase == .open { throw PoolError.stillRunning }
    let deadline = timeout.map(MonotonicClock.deadline(after:))
    while core.machine.phase != .finished {
      for stream in streams { stream.job?.readOn() }
      // The end of an input may have been all that was waited for: nothing would end the wait then.
      if core.machine.phase == .finished { break }
      try core.turn(until: deadline)
      if let deadline, core.machine.phase != .finished, deadline <= MonotonicClock.now() {
        throw PoolError.notReady
      }
    }
    shut()
  }

  /// Nothing of the pool is left after this: no process, no socket, no thread.
  private func shut() {
    if isShut { return }
    isShut = true
    core.shut()
  }

  /// Whether a function can be called here. Throws `PoolError.unknownFunction`, `ProcessError`.
  func check<each Argument, Output>(_ function: RemoteFunction<repeat each Argument, Output>) throws {
    if let failure = core.failure { throw failure == .terminated ? PoolError.notRunning : failure }
    guard core.machine.phase == .open else { throw PoolError.notRunning }
    if checked.contains(function.name) { return }
    let entry = function.entry
    if startMethod != .fork {
      try RemoteFunctionTable.check(entry, for: core.name)
    } else if given[function.name] != entry.signature {
      guard RemoteFunctionTable.isKnown(function.name) else {
        throw PoolError.unknownFunction(function.name)
      }
      try RemoteFunctionTable.check(entry, for: core.name)
    }
    checked.insert(function.name)
  }

  func keep(_ stream: any OpenStream) {
    streams.removeAll { $0.job == nil }
    streams.append(WeakStream(job: stream))
  }
}
