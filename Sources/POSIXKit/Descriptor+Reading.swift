import CPOSIX
import Glibc

/// What one read found.
package enum ReadResult: Equatable, Sendable {
  /// So many bytes, at least one.
  case bytes(Int)
  /// Nothing now (non-blocking descriptors only).
  case wouldBlock
  /// Nothing any more.
  case end
}

extension Descriptor {
  /// Reads once into the buffer, which must not be empty; retries when a signal interrupts. Throws
  /// `SystemCallError`. A reset connection counts as its end.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemCallError) -> ReadResult {
    while true {
      let count = Glibc.read(raw, buffer.baseAddress!, buffer.count)
      if count > 0 { return .bytes(count) }
      if count == 0 { return .end }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      case ECONNRESET: return .end
      default: throw .last("read", "descriptor \(raw)")
      }
    }
  }

  /// Reads once at an offset in bytes, without moving the file's position. 0 is the end of the file.
  package func pread(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(SystemCallError) -> Int {
    while true {
      let count = Glibc.pread(raw, buffer.baseAddress!, buffer.count, offset)
      if count >= 0 { return count }
      if errno != EINTR { throw .last("pread", "descriptor \(raw)") }
    }
  }

  /// Reads from an offset until the end of the file. For small files: all is held in memory.
  package func readAll(from start: Int = 0) throws(SystemCallError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 16 << 10)
    var count = 0
    while true {
      if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: bytes.count)) }
      let read = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(SystemCallError) in
        let room = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
        return try pread(into: room, at: start + count)
      }
      if read == 0 { break }
      count += read
    }
    bytes.removeSubrange(count...)
    return bytes
  }
}

/// The text of a small file of /proc or /sys, which has no size and can't be read at once by it.
///
/// Any thread may call it. Throws `SystemCallError`.
package func textOfSystemFile(_ path: String) throws(SystemCallError) -> String {
  let file = try Descriptor.open(path)
  return String(decoding: try file.readAll(), as: UTF8.self)
}
