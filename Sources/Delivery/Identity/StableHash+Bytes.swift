extension StableHash {
  /// XXH64 with seed 0 of any bytes: checksums of stored state.
  package static func hash(of bytes: [UInt8]) -> UInt64 {
    bytes.withUnsafeBytes { hash(of: $0) }
  }

  package static func hash(of bytes: UnsafeRawBufferPointer) -> UInt64 {
    func word(_ offset: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    func round(_ accumulator: UInt64, _ input: UInt64) -> UInt64 {
      rotateLeft(accumulator &+ input &* prime2, 31) &* prime1
    }
    var position = 0
    var hash: UInt64
    if bytes.count >= 32 {
      var lanes: (UInt64, UInt64, UInt64, UInt64) = (prime1 &+ prime2, prime2, 0, 0 &- prime1)
      while position + 32 <= bytes.count {
        lanes.0 = round(lanes.0, word(position))
        lanes.1 = round(lanes.1, word(position + 8))
        lanes.2 = round(lanes.2, word(position + 16))
        lanes.3 = round(lanes.3, word(position + 24))
        position += 32
      }
      hash =
        rotateLeft(lanes.0, 1) &+ rotateLeft(lanes.1, 7) &+ rotateLeft(lanes.2, 12) &+ rotateLeft(lanes.3, 18)
      for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
        hash = (hash ^ round(0, lane)) &* prime1 &+ prime4
      }
    } else {
      hash = prime5
    }
    hash &+= UInt64(bytes.count)
    while position + 8 <= bytes.count {
      hash = rotateLeft(hash ^ round(0, word(position)), 27) &* prime1 &+ prime4
      position += 8
    }
    if position + 4 <= bytes.count {
      let half = UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
      hash = rotateLeft(hash ^ (half &* prime1), 23) &* prime2 &+ prime3
      position += 4
    }
    while position < bytes.count {
      hash = rotateLeft(hash ^ (UInt64(bytes[position]) &* prime5), 11) &* prime1
      position += 1
    }
    hash = (hash ^ hash >> 33) &* prime2
    hash = (hash ^ hash >> 29) &* prime3
    return hash ^ hash >> 32
  }
}
