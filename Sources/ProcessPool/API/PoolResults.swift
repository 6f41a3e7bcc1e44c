import Multiprocessing
import POSIXKit

/// The results of `imap` and `imapUnordered`, one after the other.
///
/// Arguments are read only as fast as results are taken. To let go of it ends what has not begun. Belongs to the
/// isolation domain of its pool.
public final class PoolResults<Output> {
  let pool: ProcessPool
  private let id: UInt64
  private let read: () -> Void
  private let takeNext: () -> Result<Output, any Error>?
  private let isExhausted: () throws -> Bool

  init<Argument>(_ pool: ProcessPool, _ job: StreamingJob<Argument, Output>) {
    self.pool = pool
    id = job.id
    read = { job.read() }
    takeNext = { job.take() }
    isExhausted = { try job.isExhausted() }
  }

  deinit {
    pool.core.jobs[id] = nil
    pool.core.forgetRecent()
    pool.core.act { [id] machine, now, actions in machine.jobDropped(id, now: now, &actions) }
  }

  /// What is there now: nil where the next is not, and after the last.
  func takeIfThere() -> Result<Output, any Error>? {
    guard let result = takeNext() else {
      read()
      return nil
    }
    read()
    return result
  }

  /// No more will come. Throws why, where that is not because all came.
  func isAtEnd() throws -> Bool { try isExhausted() }

  /// Waits for the next result; nil after the last. Throws its error where its task failed, and goes on with the
  /// next one when it is called again. Throws `PoolError.notReady` when the time (nil: without end) is over
  /// first; nothing is lost then.
  public func next(timeout: Duration? = nil) throws -> Output? {
    try nextOutcome(timeout: timeout)?.get()
  }

  /// The same as a value: only what is not the task's own error is thrown.
  public func nextOutcome(timeout: Duration? = nil) throws -> Result<Output, any Error>? {
    let deadline = timeout.map(MonotonicClock.deadline(after:))
    while true {
      if let result = takeIfThere() { return result }
      if try isAtEnd() { return nil }
      if let deadline, deadline <= MonotonicClock.now() { throw PoolError.notReady }
      try pool.core.turn(until: deadline)
    }
  }
}

extension ProcessPool {
  /// Calls the function with each argument and hands out the results in the arguments' order, as they come.
  ///
  /// Arguments are read in the course of `next`, a few chunks for each worker ahead of the results that were
  /// taken, so the input may be endless. A call that failed throws at its place and the rest goes on.
  ///
  /// - Parameters:
  ///   - chunkSize: how many calls travel together. Larger chunks cost less for each call.
  ///   - ahead: the most arguments that are read and whose results were not taken; by default sixteen chunks
  ///     for each worker.
  ///   - retries: as in `map`.
  ///   - timeout: as in `map`, for each call.
  public func imap<Argument, Output>(
    _ function: RemoteFunction<Argument, Output>, _ arguments: some Sequence<Argument>, chunkSize: Int = 1,
    ahead: Int? = nil, retries: Int = 0, timeout: Duration? = nil
  ) throws -> PoolResults<Output> {
    try stream(function, arguments, chunkSize, ahead, retries, timeout, isOrdered: true)
  }

  /// `imap` with the results in the order in which they are ready.
  public func imapUnordered<Argument, Output>(
    _ function: RemoteFunction<Argument, Output>, _ arguments: some Sequence<Argument>, chunkSize: Int = 1,
    ahead: Int? = nil, retries: Int = 0, timeout: Duration? = nil
  ) throws -> PoolResults<Output> {
    try stream(function, arguments, chunkSize, ahead, retries, timeout, isOrdered: false)
  }

  private func stream<Argument, Output>(
    _ function: RemoteFunction<Argument, Output>, _ arguments: some Sequence<Argument>, _ chunk: Int,
    _ ahead: Int?, _ retries: Int, _ timeout: Duration?, isOrdered: Bool
  ) throws -> PoolResults<Output> {
    try check(function)
    guard chunk > 0 else { throw PoolError.usage("chunkSize is at least 1, not \(chunk).") }
    guard ahead ?? 1 > 0 else { throw PoolError.usage("ahead is at least 1.") }
    try core.activate()
    let job = StreamingJob(
      core, function, AnyIterator(arguments.makeIterator()), chunk: chunk,
      window: ahead ?? 16 * chunk * workers, isOrdered: isOrdered)
    core.add(job, retries: retries, timeout: timeout)
    keep(job)
    return PoolResults(self, job)
  }
}
