/// What an outside stores for a sink: its position, the run that it belongs to, and what was written so far.
///
/// An outside that still holds one of an earlier run must not make a new one skip its beginning.
struct RunPosition: Equatable {
  var run: UInt64
  var records: UInt64
  var bytes: UInt64
  var position: [UInt8]

  /// Three little-endian numbers, then the position.
  var encoded: [UInt8] {
    [run, records, bytes].flatMap { number in withUnsafeBytes(of: number.littleEndian, Array.init) }
      + position
  }

  init(run: UInt64, records: UInt64, bytes: UInt64, position: [UInt8]) {
    self.run = run
    self.records = records
    self.bytes = bytes
    self.position = position
  }

  /// Nil for bytes that are too few to be one.
  init?(_ encoded: [UInt8]) {
    let size = MemoryLayout<UInt64>.size
    guard encoded.count >= 3 * size else { return nil }
    let numbers = encoded.withUnsafeBytes { bytes in
      (0..<3).map {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * size, as: UInt64.self))
      }
    }
    self.init(
      run: numbers[0], records: numbers[1], bytes: numbers[2], position: Array(encoded.dropFirst(3 * size)))
  }
}
