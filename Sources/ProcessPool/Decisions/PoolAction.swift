/// What the pool's machine wants done, in order.
package enum PoolAction: Hashable, Sendable {
  /// Start a worker in a slot.
  case start(PoolWorker)
  /// Send it tasks.
  case hand(PoolHanding, to: PoolWorker)
  /// Take back what the worker has not begun, if it has not: `handingRecalled` follows where that worked.
  case recall(ticket: UInt64, from: PoolWorker)
  /// Tell it to leave when it has done what it was given.
  case finish(PoolWorker)
  /// End it and its process group at once.
  case kill(PoolWorker)
  /// A task has come to nothing.
  case fail(job: UInt64, index: Int, PoolTaskFailure)
  /// Every task that is left has come to nothing.
  case abandonAll(PoolEnd)
  /// No worker is left, and none will be.
  case finished
}

/// Tasks of one job that follow each other, handed to a worker under a number of their own.
package struct PoolHanding: Hashable, Sendable {
  /// Dense over the pool's life, from 1.
  package var ticket: UInt64
  package var job: UInt64
  /// Places in the job.
  package var range: Range<Int>

  package init(ticket: UInt64, job: UInt64, range: Range<Int>) {
    self.ticket = ticket
    self.job = job
    self.range = range
  }
}

/// Why a task has no result, other than by an error of its own.
package enum PoolTaskFailure: Hashable, Sendable {
  /// Its worker died while it was at it.
  case died(PoolWorker)
  /// It took longer than its job allows, in nanoseconds, and its worker was killed for it.
  case overdue(limit: UInt64)
}

/// Why a pool ended with tasks left.
package enum PoolEnd: Hashable, Sendable {
  case terminated
  /// This worker was the last of those that could not be started, one after the other.
  case noWorkerStarts(PoolWorker)
}
