/// Random numbers that a seed gives again, in every process and release: SplitMix64.
///
/// Source: Sebastiano Vigna, https://prng.di.unimi.it/splitmix64.c
package struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(_ seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// From 0 up to but not including `bound`.
  package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// True `parts` times out of `whole`.
  package mutating func chance(_ parts: Int, in whole: Int = 1_000) -> Bool { below(whole) < parts }

  package mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }

  /// Up to `most` of these pieces in a row.
  package mutating func text(of pieces: [String], upTo most: Int) -> String {
    (0..<below(most + 1)).map { _ in pick(pieces) }.joined()
  }

  /// The bytes of such a text.
  package mutating func bytes(of pieces: [String], upTo most: Int) -> [UInt8] {
    Array(text(of: pieces, upTo: most).utf8)
  }

  /// Up to `most` random bytes, small values more often than others.
  package mutating func bytes(upTo most: Int) -> [UInt8] {
    (0..<below(most + 1)).map { _ in
      let byte = UInt8(truncatingIfNeeded: next())
      return next() % 2 == 0 ? byte % 8 : byte
    }
  }
}
