import Glibc
import Supervisor
import Testing

/// The machine against random worlds. `SUPERVISOR_STEPS` says how far; `SUPERVISOR_SEED` replays one walk.
struct WalkTests {
  @Test func `the machine keeps its rules whatever happens, and always finishes`() throws {
    var outcomes = [0, 0, 0, 0]
    var steps = 0
    var lives = 0
    var failures = 0
    var seed = variable("SUPERVISOR_SEED") ?? 0
    let last = variable("SUPERVISOR_SEED")
    while steps < standardSteps && failures < 3 {
      var walk = try Walk(seed: seed)
      do {
        try walk.run()
      } catch {
        failures += 1
        var replay = try Walk(seed: seed, isTraced: true)
        try? replay.run()
        Issue.record(
          """
          \(error)
          replay: SUPERVISOR_SEED=\(seed) swift test --filter WalkTests
          \(replay.trace.suffix(60).joined(separator: "\n"))
          """)
      }
      steps += walk.steps
      lives += walk.lives
      switch walk.outcome {
      case .complete: outcomes[0] += 1
      case .stopped, .drained: outcomes[1] += 1
      case .failed: outcomes[2] += 1
      case .forced: outcomes[3] += 1
      case nil: break
      }
      if seed == last { break }
      seed += 1
    }
    print(
      "\(seed) walks, \(lives) supervisors, \(steps) steps: complete, stopped, failed, forced \(outcomes)")
    if last == nil { #expect(outcomes.allSatisfy { $0 > 0 }) }
  }

  private var standardSteps: Int {
    #if DEBUG
      let standard: UInt64 = 50_000
    #else
      let standard: UInt64 = 1_000_000
    #endif
    return Int(variable("SUPERVISOR_STEPS") ?? standard)
  }

  private func variable(_ name: String) -> UInt64? {
    getenv(name).flatMap { UInt64(String(cString: $0)) }
  }
}
