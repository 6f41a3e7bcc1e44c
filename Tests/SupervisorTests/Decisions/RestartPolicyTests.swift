import Supervisor
import TestSupport
import Testing

struct RestartPolicyTests {
  private let policy = RestartPolicy(
    kind: .always, max: 4, window: 1_000, firstBackoff: 100, lastBackoff: 1_000)

  @Test(
    arguments: [(0, 100), (1, 200), (2, 400), (3, 800), (4, 1_000), (40, 1_000), (Int.max, 1_000)]
      as [(Int, UInt64)])
  func `the backoff doubles up to its end and is drawn between half and all`(
    _ failures: Int, _ ceiling: UInt64
  ) {
    var generator = SeededRandom(UInt64(ceiling))
    var least = UInt64.max
    var most: UInt64 = 0
    for _ in 0..<20_000 {
      let delay = policy.backoff(failures: failures, random: generator.next())
      least = min(least, delay)
      most = max(most, delay)
    }
    #expect(least == ceiling / 2 && most == ceiling)
  }

  @Test func `no number of failures and no bounds overflow`() {
    let wide = RestartPolicy(
      kind: .always, max: 1, window: 1, firstBackoff: .max / 2, lastBackoff: .max)
    #expect(wide.backoff(failures: 9, random: .max) >= UInt64.max / 2)
    let none = RestartPolicy(kind: .always, max: 1, window: 1, firstBackoff: 0, lastBackoff: 0)
    #expect(none.backoff(failures: 3, random: .max) == 0)
  }

  @Test func `deaths are counted within the window`() {
    var history = RestartHistory()
    func die(_ now: UInt64) -> RestartHistory.Verdict {
      history.died(status: -9, uptime: 10, policy: policy, now: now, random: 0)
    }
    #expect(die(0) == .restart(delay: 50, count: 1))
    #expect(die(10) == .restart(delay: 100, count: 2))
    #expect(die(20) == .restart(delay: 200, count: 3))
    #expect(die(999) == .restart(delay: 400, count: 4))
    // The first two have left the window, and the backoff still grows.
    #expect(die(1_010) == .restart(delay: 500, count: 3))
    #expect(die(1_011) == .restart(delay: 500, count: 4))
    #expect(die(1_012) == .tooMany)
  }

  @Test func `a healthy life starts the backoff anew`() {
    var history = RestartHistory()
    for now in [UInt64(0), 10, 20] {
      _ = history.died(status: 1, uptime: 10, policy: policy, now: now, random: 0)
    }
    let verdict = history.died(status: 1, uptime: 1_000, policy: policy, now: 1_030, random: 0)
    #expect(verdict == .restart(delay: 50, count: 1))
  }

  @Test func `a policy without restarts stops at the first death`() {
    var history = RestartHistory()
    var none = policy
    none.max = 0
    #expect(history.died(status: 1, uptime: 1, policy: none, now: 0, random: 0) == .tooMany)
  }
}
