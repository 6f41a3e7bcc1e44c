import POSIXKit

/// What tasks come to that were submitted together: there, or on its way. Belongs to the isolation domain of its
/// pool; to let go of it does not end the tasks.
public final class PoolResult<Value> {
  private let core: PoolCore
  private let isDone: () -> Bool
  private let isSuccessful: () -> Bool
  private let outcome: () throws -> Value

  init<Output>(
    _ job: CollectingJob<Output>, _ core: PoolCore, _ callback: ((Value) -> Void)?,
    _ errorCallback: ((any Error) -> Void)?, _ outcome: @escaping (CollectingJob<Output>) throws -> Value
  ) {
    self.core = core
    isDone = { job.isDone }
    isSuccessful = { job.isSuccessful }
    self.outcome = { try outcome(job) }
    if callback == nil && errorCallback == nil { return }
    job.whenDone = { [unowned job] in
      do {
        let value = try outcome(job)
        callback?(value)
      } catch { errorCallback?(error) }
    }
    if job.isDone { job.completed() }
  }

  /// Whether all of it has ended. Drives the pool, without waiting.
  public var ready: Bool {
    if !isDone() { try? core.poll() }
    return isDone()
  }

  /// Whether all of it has ended without an error. Throws `PoolError.notEnded` before it has ended.
  public var successful: Bool {
    get throws {
      guard ready else { throw PoolError.notEnded }
      return isSuccessful()
    }
  }

  /// Waits until all of it has ended or the time (nil: without end) is over. Returns whether it has ended. Throws
  /// `PoolError.system`.
  @discardableResult
  public func wait(timeout: Duration? = nil) throws -> Bool {
    let deadline = timeout.map(MonotonicClock.deadline(after:))
    while !isDone() {
      if let deadline, deadline <= MonotonicClock.now() { return false }
      try core.turn(until: deadline)
    }
    return true
  }

  /// Waits for the result and returns it, again and again the same. Throws the first error of the tasks, and
  /// `PoolError.notReady` when the time (nil: without end) is over first; the tasks then go on.
  public func get(timeout: Duration? = nil) throws -> Value {
    guard try wait(timeout: timeout) else { throw PoolError.notReady }
    return try outcome()
  }
}
