import Records

/// SplitMix64: the same numbers for the same seed, anywhere.
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func pick<T>(_ items: [T]) -> T { items[Int(next() % UInt64(items.count))] }

  /// Up to `count` of `tokens` in a row.
  mutating func text(of tokens: [String], upTo count: Int) -> [UInt8] {
    let length = Int(next() % UInt64(count + 1))
    return (0..<length).flatMap { _ in Array(pick(tokens).utf8) }
  }
}

func text(_ buffer: borrowing BatchBuffer) -> String {
  buffer.withPayload { String(decoding: $0, as: UTF8.self) }
}

/// Runs `body` on the bytes of a text in memory of exactly its size.
func withBytes<R, E: Error>(
  _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(E) -> R
) throws(E) -> R {
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
  defer { memory.deallocate() }
  memory.copyBytes(from: bytes)
  return try body(UnsafeRawBufferPointer(memory))
}

func withBytes<R, E: Error>(
  _ text: String, _ body: (UnsafeRawBufferPointer) throws(E) -> R
) throws(E) -> R {
  try withBytes(Array(text.utf8), body)
}
