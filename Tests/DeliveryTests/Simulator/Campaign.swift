import Delivery
import Glibc

/// What a number of schedules came to.
struct Campaign {
  struct Failed {
    let shape: Shape
    let seed: UInt64
    let error: any Error

    var kind: String { (error as? Failure)?.kind ?? "\(error)" }
  }

  private(set) var schedules = 0
  private(set) var kills = 0
  private(set) var poisonDeaths = 0
  /// How often everything ended and was started anew.
  private(set) var restarts = 0
  private(set) var events = 0
  private(set) var failures: [Failed] = []

  /// Runs the schedules of some seeds, until `limit` have failed.
  mutating func run(
    _ shape: Shape, seeds: Range<UInt64>, wrong: WrongRule? = nil, limit: Int = .max,
    adjust: (inout Parameters) -> Void = { _ in }
  ) {
    for seed in seeds where failures.count < limit {
      let simulation = Simulation(shape: shape, seed: seed, wrong: wrong, adjust: adjust)
      do { try simulation.run() } catch {
        failures.append(Failed(shape: shape, seed: seed, error: error))
      }
      schedules += 1
      kills += simulation.killCount
      poisonDeaths += simulation.poisonDeaths
      restarts += simulation.life
      events += simulation.eventCount
    }
  }

  /// How many failed in which way, the most frequent first.
  var kinds: String {
    var counts: [(kind: String, count: Int)] = []
    for failure in failures {
      if let index = counts.firstIndex(where: { $0.kind == failure.kind }) {
        counts[index].count += 1
      } else {
        counts.append((failure.kind, 1))
      }
    }
    return counts.sorted { $0.count > $1.count }.map { "\($0.kind) \($0.count)" }.joined(separator: ", ")
  }
}

/// A setting of the test run.
func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
