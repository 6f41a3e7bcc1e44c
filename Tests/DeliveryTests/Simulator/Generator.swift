/// xoshiro256**, seeded through SplitMix64: the same draws for a seed in every process and release.
/// Source: David Blackman and Sebastiano Vigna, https://prng.di.unimi.it
struct Generator {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  init(seed: UInt64) {
    var seed = seed
    func draw() -> UInt64 {
      seed &+= 0x9E37_79B9_7F4A_7C15
      return mixed(seed)
    }
    state = (draw(), draw(), draw(), draw())
  }

  mutating func next() -> UInt64 {
    let result = Self.rotateLeft(state.1 &* 5, 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = Self.rotateLeft(state.3, 45)
    return result
  }

  /// A number from 0 up to but not including `bound`.
  mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// True `parts` times out of ten thousand.
  mutating func chance(_ parts: Int) -> Bool { below(10_000) < parts }

  mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }

  private static func rotateLeft(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    value << bits | value >> (64 - bits)
  }
}

/// The finalizer of SplitMix64.
func mixed(_ value: UInt64) -> UInt64 {
  var value = value
  value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
  value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
  return value ^ value >> 31
}
