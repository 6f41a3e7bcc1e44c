import Glibc
import TestSupport

extension SeededRandom {
  /// Of a seed that is printed, and given again by `PROCESSION_SEED=7`.
  static func printed() -> SeededRandom {
    let given = getenv("PROCESSION_SEED").flatMap { UInt64(String(cString: $0)) }
    let seed = given ?? UInt64.random(in: 0...0xFFFF_FFFF)
    print("PROCESSION_SEED=\(seed)")
    return SeededRandom(seed)
  }
}
