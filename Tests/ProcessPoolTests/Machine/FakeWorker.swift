import ProcessPool

/// A worker as the fake world plays it.
struct FakeWorker {
  let worker: PoolWorker
  let hasPage: Bool
  var isReady = false
  var isCondemned = false
  var isLeaving = false
  /// What it was given and has not ended, in order; `done` tasks of the first have ended.
  var given: [PoolHanding] = []
  var done = 0
  var handed = 0
  /// The tickets that it was sent and has not come to, those that were recalled too.
  var line: [UInt64] = []
  /// The task that it is at.
  var inHand: TaskInHand?
  /// Results that were sent and have not arrived: ticket and number of tasks.
  var sent: [(ticket: UInt64, count: Int)] = []

  /// It comes to a handing, past all that were recalled.
  mutating func come(to ticket: UInt64?) {
    while let first = line.first {
      line.removeFirst()
      if first == ticket { break }
    }
  }

  /// Whether it has a handing, or results of it are on their way.
  func holds(_ job: UInt64, _ index: Int) -> Bool {
    given.enumerated().contains { place, handing in
      handing.job == job && handing.range.contains(index)
        && (place > 0 || index >= handing.range.lowerBound + done)
    }
  }
}

/// What the machine got wrong.
struct Wrong: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
