/// One life of a pool's slot: a replaced worker has the same slot and the next epoch.
package struct PoolWorker: Hashable, Sendable {
  /// From 0.
  package var slot: Int
  /// From 1.
  package var epoch: UInt32

  package init(slot: Int, epoch: UInt32) {
    self.slot = slot
    self.epoch = epoch
  }
}

/// The task that a worker was at, as it wrote it into the page that it shares with its pool.
package struct TaskInHand: Hashable, Sendable {
  /// The handing's number.
  package var ticket: UInt64
  /// The task's place in its job.
  package var index: Int
  /// When it began, by `MonotonicClock`.
  package var startedAt: UInt64

  package init(ticket: UInt64, index: Int, startedAt: UInt64) {
    self.ticket = ticket
    self.index = index
    self.startedAt = startedAt
  }
}
