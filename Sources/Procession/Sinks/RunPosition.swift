/// A sink's position with the run that it belongs to: an outside that still holds one of an earlier run must not
/// make a new one skip its beginning.
enum RunPosition {
  /// The run's number, little-endian, before the position.
  static func encode(_ position: [UInt8], run: UInt64) -> [UInt8] {
    withUnsafeBytes(of: run.littleEndian, Array.init) + position
  }

  /// Nil for a position of another run.
  static func decode(_ bytes: [UInt8], run: UInt64) -> [UInt8]? {
    let size = MemoryLayout<UInt64>.size
    guard bytes.count >= size else { return nil }
    let stored = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    return stored == run ? Array(bytes.dropFirst(size)) : nil
  }
}
