import Foundation
import Synchronization

/// Follows the proportional set size of a process and its descendants, in a thread of its own.
final class MemorySampler: Sendable {
  private struct State {
    var peak = 0
    var stopped = false
  }

  private static let interval = 0.05
  private let root: pid_t
  private let state = Mutex(State())

  init(root: pid_t) {
    self.root = root
  }

  func start() {
    Thread.detachNewThread { [self] in
      while !state.withLock({ $0.stopped }) {
        let bytes = ProcessTree.members(of: root).reduce(0) { $0 + ProportionalSetSize.bytes(of: $1) }
        state.withLock { $0.peak = max($0.peak, bytes) }
        Thread.sleep(forTimeInterval: Self.interval)
      }
    }
  }

  /// The highest sum seen, in bytes.
  func stop() -> Int {
    state.withLock {
      $0.stopped = true
      return $0.peak
    }
  }
}
