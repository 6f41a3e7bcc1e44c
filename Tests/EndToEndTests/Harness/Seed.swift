import Glibc
import Testing

/// Where a random test gets its choices: printed on failure, replayed with `PROCESSION_TEST_SEED`.
struct Seed: RandomNumberGenerator, CustomTestStringConvertible {
  static let environmentName = "PROCESSION_TEST_SEED"

  /// The given number of seeds, or the one that the environment names.
  static func some(_ count: UInt64) -> [Seed] {
    if let text = getenv(environmentName), let value = UInt64(String(cString: text)) {
      return [Seed(value)]
    }
    return (1...count).map { Seed($0) }
  }

  let value: UInt64
  private var state: UInt64

  init(_ value: UInt64) {
    self.value = value
    state = value
  }

  var testDescription: String { "\(Self.environmentName)=\(value)" }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
