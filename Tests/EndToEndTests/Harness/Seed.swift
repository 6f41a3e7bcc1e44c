import Glibc
import TestSupport
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
  private var random: SeededRandom

  init(_ value: UInt64) {
    self.value = value
    random = SeededRandom(value)
  }

  var testDescription: String { "\(Self.environmentName)=\(value)" }

  mutating func next() -> UInt64 { random.next() }
}
