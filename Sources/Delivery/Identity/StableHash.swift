/// The framework's one hash: XXH64 with seed 0 over little-endian 64-bit words.
///
/// The same on every machine, in every process and release, unlike Swift's `Hasher`. For fewer than four
/// words XXH64 uses only its short path, which is all that identities need; the words are hashed as their
/// little-endian bytes, so published XXH64 vectors apply.
/// Source: Yann Collet, xxHash specification 0.1.1, https://github.com/Cyan4973/xxHash
package struct StableHash {
  static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  private var pending: (UInt64, UInt64, UInt64) = (0, 0, 0)
  private var count = 0

  package init() {}

  /// Adds one word; at most three.
  package mutating func combine(_ word: UInt64) {
    switch count {
    case 0: pending.0 = word
    case 1: pending.1 = word
    case 2: pending.2 = word
    default: preconditionFailure("StableHash takes at most three words")
    }
    count += 1
  }

  package consuming func finish() -> UInt64 {
    var hash = Self.prime5 &+ UInt64(count) &* 8
    if count > 0 { Self.mix(pending.0, into: &hash) }
    if count > 1 { Self.mix(pending.1, into: &hash) }
    if count > 2 { Self.mix(pending.2, into: &hash) }
    hash ^= hash >> 33
    hash &*= Self.prime2
    hash ^= hash >> 29
    hash &*= Self.prime3
    return hash ^ (hash >> 32)
  }

  private static func mix(_ word: UInt64, into hash: inout UInt64) {
    hash ^= rotateLeft(word &* prime2, 31) &* prime1
    hash = rotateLeft(hash, 27) &* prime1 &+ prime4
  }

  static func rotateLeft(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    value << bits | value >> (64 - bits)
  }
}
