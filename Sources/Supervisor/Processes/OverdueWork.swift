import Coordination
import Delivery
import POSIXKit

/// Looks at the pages of stages that have a deadline for workers that have been at one thing too long.
///
/// Workers do not cooperate in this: one that hangs says nothing.
struct OverdueWork {
  private let configuration: SupervisorConfiguration
  /// When to look again; nil where no stage has a deadline.
  private(set) var nextLook: UInt64?

  init(_ configuration: SupervisorConfiguration) {
    self.configuration = configuration
    if interval != nil { nextLook = 0 }
  }

  /// A quarter of the shortest deadline, at least 5 ms and at most a second.
  private var interval: UInt64? {
    configuration.stages.compactMap(\.deadline).min().map { min(max($0 / 4, 5_000_000), 1_000_000_000) }
  }

  /// Those whose time is over. Looks only when ``nextLook`` has come.
  mutating func workers(_ employees: [Employee?], now: UInt64) -> [Incarnation] {
    guard let look = nextLook, look <= now, let interval else { return [] }
    nextLook = now + interval
    return employees.compactMap { employee in
      guard let worker = employee?.incarnation,
        let deadline = configuration.stages[Int(worker.slot.stage)].deadline
      else { return nil }
      let page = configuration.pages.statistics(of: worker.slot)
      let since = page[.batchSince]
      let isBusy = page[.hasBatch] == 1 && page[.epoch] == UInt64(worker.epoch)
      return isBusy && since > 0 && since < now && now - since > deadline ? worker : nil
    }
  }
}
