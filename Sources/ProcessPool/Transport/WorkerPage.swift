import POSIXKit

/// What a pool and one of its workers see both: what the worker is at, and what it has not begun.
///
/// It outlives the worker, so the pool knows whom to blame; and no word of it is a lock, so a worker killed at
/// any moment leaves nothing that another would wait for.
final class WorkerPage {
  /// More than the handings that are under way to a worker at once: those that it has, and as many that were
  /// recalled and that it has not passed by.
  static let places = 64

  let memory: SharedMemory
  private let ticket: SharedWord
  private let index: SharedWord
  private let startedAt: SharedWord
  private let sent: SharedWord
  private let claims: Int

  /// Where a handing stands.
  private enum Claim {
    static let offered: UInt64 = 0
    static let begun: UInt64 = 1
    static let recalled: UInt64 = 2
  }

  init(_ memory: consuming SharedMemory) {
    ticket = memory.word(at: 0)
    index = memory.word(at: 8)
    startedAt = memory.word(at: 16)
    // On a line of its own: the pool writes the claims, the worker the rest.
    sent = memory.word(at: 24)
    claims = 64
    self.memory = memory
  }

  /// A new one. Throws `SystemCallError`.
  static func make() throws(SystemCallError) -> WorkerPage {
    WorkerPage(try SharedMemory(size: 64 + 8 * places, name: "procession-pool-worker"))
  }

  private func claim(_ place: Int) -> SharedWord { memory.word(at: claims + 8 * (place % Self.places)) }

  // The pool's side.

  /// Before the handing is sent. `place` counts the handings of the worker's life.
  func offer(_ ticket: UInt64, at place: Int) { claim(place).store(ticket << 2 | Claim.offered) }

  /// False where the worker has begun it.
  func recall(_ ticket: UInt64, at place: Int) -> Bool {
    claim(place).exchange(ticket << 2 | Claim.offered, for: ticket << 2 | Claim.recalled)
  }

  /// What the worker is at, or was when it died; nil between two tasks.
  var inHand: TaskInHand? {
    while true {
      let before = (ticket.load(), index.load())
      let started = startedAt.load()
      guard before == (ticket.load(), index.load()) else { continue }
      return before.0 == 0
        ? nil : TaskInHand(ticket: before.0, index: Int(before.1), startedAt: started)
    }
  }

  /// How many messages the worker has sent: more than have come are on their way, or lost.
  var messagesSent: UInt64 { sent.load() }

  // The worker's side.

  /// False where the pool has given it to another.
  func begin(_ ticket: UInt64, at place: Int) -> Bool {
    claim(place).exchange(ticket << 2 | Claim.offered, for: ticket << 2 | Claim.begun)
  }

  /// Written in this order, so that no reader sees a task with the time of the one before.
  func enter(_ handing: UInt64, _ task: Int, at now: UInt64) {
    startedAt.store(now)
    index.store(UInt64(task))
    ticket.store(handing)
  }

  func leave() { ticket.store(0) }

  func countMessage() { sent.add(1) }
}
