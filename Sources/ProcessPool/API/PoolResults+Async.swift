import Glibc
import POSIXKit

/// `for try await result in try pool.imap(...)`: the loop runs in its caller's isolation domain, as all of the pool
/// does. Only waiting is done elsewhere: by a thread that looks at the pool's descriptors and at nothing else, and
/// which exists while there is something to wait for. The workers, or the nursery that forks them, are there before.
/// An error of a task ends the loop, as any error does; `next()` can be asked for the rest afterwards. A task that is
/// cancelled gets `CancellationError`, and the pool goes on.
extension PoolResults: AsyncSequence {
  /// A result.
  public typealias Element = Output
  /// A task's own error, or the pool's.
  public typealias Failure = any Error

  /// Goes on where the results stand: all iterators of them share one place.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let results: PoolResults<Output>

    /// Waits for the next result; nil after the last. Throws what `PoolResults.next` throws, and
    /// `CancellationError`.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Output? {
      try await results.following(isolation: actor)
    }

    /// The same.
    public mutating func next() async throws -> Output? { try await results.following(isolation: nil) }
  }

  /// To be used in the isolation domain of the pool.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(results: self) }

  private func following(isolation actor: isolated (any Actor)?) async throws -> Output? {
    while true {
      if let result = takeIfThere() { return try result.get() }
      if try isAtEnd() { return nil }
      try pool.core.poll()
      if let result = takeIfThere() { return try result.get() }
      if try isAtEnd() { return nil }
      try await PoolWait(pool.core).run(isolation: actor)
    }
  }
}

/// One wait for anything to happen to a pool, on a thread of its own.
private final class PoolWait: @unchecked Sendable {
  // Sendable: the descriptors are listed before the thread starts, which then has them alone.
  private var poller = POSIXKit.Poller()
  private let deadline: UInt64?
  private let waker: Descriptor
  private let waken: Descriptor
  private var continuation: CheckedContinuation<Void, Never>?

  init(_ core: PoolCore) throws {
    var pipe = try Pipe()
    waken = pipe.takeReadEnd()
    waker = pipe.takeWriteEnd()
    deadline = core.nextDeadline
    core.watch(in: &poller)
    poller.watch(waken.raw, token: -1)
  }

  /// Returns when something is there, or its time. Throws `CancellationError`.
  func run(isolation actor: isolated (any Actor)?) async throws {
    await withTaskCancellationHandler {
      await withCheckedContinuation(isolation: actor) { continuation in
        self.continuation = continuation
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        let failed = pthread_create(
          &thread, nil,
          { box in
            Unmanaged<PoolWait>.fromOpaque(box!).takeRetainedValue().wait()
            return nil
          }, box.toOpaque())
        if failed == 0 {
          pthread_detach(thread)
        } else {
          // Without a thread it is looked at again at once.
          box.release()
          continuation.resume()
        }
      }
    } onCancel: {
      try? waker.writeAll([1])
    }
    try Task.checkCancellation()
  }

  private func wait() {
    _ = try? poller.wait(until: deadline)
    continuation?.resume()
  }
}
