import Glibc

/// Random numbers that a printed seed gives again: `PROCESSION_SEED=7`.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init() {
    let seed = getenv("PROCESSION_SEED").flatMap { UInt64(String(cString: $0)) }
    state = seed ?? UInt64.random(in: 0...0xFFFF_FFFF)
    print("PROCESSION_SEED=\(state)")
  }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
