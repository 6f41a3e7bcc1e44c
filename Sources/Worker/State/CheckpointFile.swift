import Coordination
import Delivery
import Glibc
import POSIXKit

/// A small state that survives its writer's death: the newest whole version of two.
///
/// Versions are written in turn to two places in one file, each with a generation and a checksum, so that a
/// writer killed in the middle of one leaves the other intact. One writer at a time.
package struct CheckpointFile: ~Copyable {
  /// Bytes between the two places: the most that a version with its 24 bytes of frame may have.
  package static let placeSize = 1 << 20

  private let descriptor: Descriptor
  private let path: String
  private var generation: UInt64 = 0

  /// Opens the file, making it where it is missing.
  package init(path: String) throws(SystemCallError) {
    self.path = path
    descriptor = try Descriptor.open(path, O_RDWR | O_CREAT, permissions: 0o600)
  }

  /// The newest whole version, or nil if there is none.
  package mutating func load() throws(SystemCallError) -> [UInt8]? {
    var newest: [UInt8]?
    for place in 0..<2 {
      guard let (found, bytes) = try read(place), newest == nil || found > generation else { continue }
      generation = found
      newest = bytes
    }
    return newest
  }

  /// Stores a version. With `durably` it survives the death of the machine, not only of processes, when this
  /// returns.
  package mutating func store(_ bytes: [UInt8], durably: Bool) throws(SystemCallError) {
    if bytes.count + 24 > Self.placeSize {
      throw SystemCallError("pwrite", errno: EFBIG, subject: "\(path), a state of \(bytes.count) bytes")
    }
    generation += 1
    var writer = ByteWriter()
    writer.write(generation)
    writer.write(StableHash.hash(of: bytes) ^ generation)
    writer.write(UInt64(bytes.count))
    let frame = writer.bytes + bytes
    let offset = Int(generation % 2) * Self.placeSize
    try frame.withUnsafeBufferPointer { (buffer) throws(SystemCallError) in
      try descriptor.pwriteAll(UnsafeRawBufferPointer(buffer), at: offset)
    }
    if durably && fdatasync(descriptor.raw) != 0 { throw .last("fdatasync", path) }
  }

  private func read(_ place: Int) throws(SystemCallError) -> (generation: UInt64, bytes: [UInt8])? {
    var frame = [UInt8](repeating: 0, count: 24)
    let start = place * Self.placeSize
    guard try read(into: &frame, at: start) else { return nil }
    var reader = ByteReader(frame)
    guard let generation = try? reader.read(UInt64.self), let checksum = try? reader.read(UInt64.self),
      let count = try? reader.read(UInt64.self), count <= UInt64(Self.placeSize - 24)
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(count))
    guard try read(into: &bytes, at: start + 24), StableHash.hash(of: bytes) ^ generation == checksum
    else { return nil }
    return (generation, bytes)
  }

  /// False if the file ends before the array is full.
  private func read(into bytes: inout [UInt8], at offset: Int) throws(SystemCallError) -> Bool {
    var count = 0
    while count < bytes.count {
      let read = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(SystemCallError) in
        let room = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
        return try descriptor.pread(into: room, at: offset + count)
      }
      if read == 0 { return false }
      count += read
    }
    return true
  }
}
