import Supervisor

/// What to do, as the command line asked for it.
struct ChaosOptions {
  var seed: UInt64
  /// Kills in all; nil: as many as fit into the duration.
  var kills: Int?
  /// Kills a second, on average.
  var rate: Double
  /// Nanoseconds after which no kill follows.
  var duration: UInt64?
  var victims: [ChaosVictim]
  var showsProgress: Bool
}

/// What came of it.
struct ChaosResult {
  var seed: UInt64 = 0
  var kills: [ChaosVictim: Int] = [:]
  var rounds = 0
  var restarts: UInt64 = 0
  var resumptions = 0
  var replayedBatches: UInt64 = 0
  /// Nanoseconds from each kill to the replacement's readiness.
  var recoveryTimes: [UInt64] = []
  var undisturbedSeconds = 0.0
  var seconds = 0.0
  var differences: [String] = []
  /// Why it ended early.
  var failure: String?

  var killCount: Int { kills.values.reduce(0, +) }

  var isSame: Bool { failure == nil && differences.isEmpty }

  func recovery(_ share: Double) -> Double? {
    if recoveryTimes.isEmpty { return nil }
    let sorted = recoveryTimes.sorted()
    return Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]) / 1e9
  }

  var lines: [String] {
    let kinds = ChaosVictim.allCases.compactMap { victim in kills[victim].map { "\(victim.rawValue) \($0)" } }
    var lines = [
      "\(killCount) kills in \(rounds) rounds and \(Figure.fixed(seconds, 1)) s, seed \(seed): "
        + (kinds.isEmpty ? "none" : kinds.joined(separator: ", ")),
      "\(restarts) workers restarted, \(resumptions) runs resumed, \(replayedBatches) batches worked on again",
    ]
    if let median = recovery(0.5), let late = recovery(0.99), let worst = recovery(1) {
      lines.append(
        "from a kill to the replacement's readiness: median \(Self.milliseconds(median)), "
          + "99 % \(Self.milliseconds(late)), worst \(Self.milliseconds(worst))")
    }
    lines += differences
    if let failure { lines.append(failure) }
    lines.append(
      isSame ? "0 differences: every output is that of the undisturbed run" : "FAILED")
    return lines
  }

  private static func milliseconds(_ seconds: Double) -> String { "\(Figure.fixed(seconds * 1_000, 1)) ms" }
}
