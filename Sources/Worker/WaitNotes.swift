import Coordination
import POSIXKit

/// Notes in a worker's page what it waits for and how long, for who looks from outside: twice for each wait, never
/// for a record.
struct WaitNotes {
  private let page: StatisticsPage

  /// A life of the slot before may have ended in a wait.
  init(_ page: StatisticsPage) {
    self.page = page
    page[.waitSince] = 0
    page[.queueLength] = 0
  }

  func begin(forOutput: Bool) {
    page[.waitsForOutput] = forOutput ? 1 : 0
    page[.waitSince] = MonotonicClock.now()
  }

  func end() {
    let waited = MonotonicClock.now() - page[.waitSince]
    page.add(waited, to: page[.waitsForOutput] == 1 ? .outputWaitNanoseconds : .inputWaitNanoseconds)
    page[.waitSince] = 0
  }

  func note(queueLength: Int) { page[.queueLength] = UInt64(queueLength) }
}
