import Glibc

/// What chaos kills.
enum ChaosVictim: String, CaseIterable {
  /// A worker of a stage with steps, or the keeper of dead letters.
  case worker
  case source
  case sink
  /// The fork server of a stage, and with it all its workers.
  case forkserver
  case supervisor
  /// The supervisor and all its processes at one moment.
  case everything

  /// How often it is chosen, among those that may be.
  fileprivate var weight: Int {
    switch self {
    case .worker: 6
    case .source, .sink: 4
    case .forkserver, .supervisor: 2
    case .everything: 1
    }
  }
}

/// When chaos kills and what: drawn from a seed, so that a schedule can be asked for again.
///
/// The times are those of a Poisson process: a kill is as likely at any moment as at any other.
struct ChaosSchedule {
  private var random: SeededGenerator
  private let victims: [ChaosVictim]
  /// Nanoseconds between two kills, on average.
  private let meanGap: Double

  /// `rate` in kills a second.
  init(seed: UInt64, rate: Double, victims: [ChaosVictim]) {
    random = SeededGenerator(seed: seed)
    self.victims = victims
    meanGap = 1e9 / rate
  }

  /// Nanoseconds from now to the next kill, its kind, and a number that chooses among those of that kind.
  mutating func next() -> (delay: UInt64, victim: ChaosVictim, choice: UInt64) {
    let uniform = Double(random.next() >> 11) / Double(1 << 53)
    let delay = UInt64(min(-log(1 - uniform), 20) * meanGap)
    var place = random.next() % UInt64(victims.reduce(0) { $0 + $1.weight })
    for victim in victims {
      if place < UInt64(victim.weight) { return (delay, victim, random.next()) }
      place -= UInt64(victim.weight)
    }
    return (delay, victims[0], random.next())
  }
}

/// SplitMix64: the same numbers for a seed in every release.
/// Source: Sebastiano Vigna, https://prng.di.unimi.it/splitmix64.c
struct SeededGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
