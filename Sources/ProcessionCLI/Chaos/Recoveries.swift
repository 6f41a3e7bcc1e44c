import Coordination
import Delivery

/// How long it takes from a kill until a replacement is ready, in nanoseconds.
struct Recoveries {
  private var awaited: [(worker: Incarnation, since: UInt64)] = []
  private(set) var times: [UInt64] = []

  mutating func killed(_ workers: [Incarnation], at now: UInt64) {
    awaited += workers.map { ($0, now) }
  }

  var isWaiting: Bool { !awaited.isEmpty }

  /// Looks at the pages who is back.
  mutating func look(_ pages: SharedPages, now: UInt64) {
    awaited.removeAll { worker, since in
      let page = pages.statistics(of: worker.slot)
      guard page[.epoch] > UInt64(worker.epoch) else { return false }
      guard page[.state] == StatisticsPage.State.running.rawValue else { return false }
      times.append(now - since)
      return true
    }
  }

  /// What was waited for will not come: the run has ended, or its supervisor has died.
  mutating func forget() { awaited = [] }

  /// The time that this share of the recoveries took at most.
  func quantile(_ share: Double) -> UInt64? {
    if times.isEmpty { return nil }
    let sorted = times.sorted()
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
  }
}
