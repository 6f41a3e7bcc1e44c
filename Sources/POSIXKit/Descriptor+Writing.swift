import CPOSIX
import Glibc

/// What one write did.
package enum WriteResult: Equatable, Sendable {
  /// So many bytes were taken, maybe fewer than offered.
  case bytes(Int)
  /// No room now (non-blocking descriptors only).
  case wouldBlock
  /// Nobody will read it (EPIPE, reset).
  case closed
}

extension Descriptor {
  /// Writes once; retries when a signal interrupts. SIGPIPE must be ignored in this process, or the
  /// descriptor be something else than a pipe: sockets use `send`. Throws `SystemCallError`.
  package func write(_ buffer: UnsafeRawBufferPointer) throws(SystemCallError) -> WriteResult {
    try result(of: "write") { Glibc.write(raw, buffer.baseAddress, buffer.count) }
  }

  /// Writes once to a socket and never raises SIGPIPE. Throws `SystemCallError`.
  package func send(_ buffer: UnsafeRawBufferPointer) throws(SystemCallError) -> WriteResult {
    try result(of: "send") {
      Glibc.send(raw, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
    }
  }

  /// The same for a part of an array.
  package func send(_ bytes: ArraySlice<UInt8>) throws(SystemCallError) -> WriteResult {
    try bytes.withUnsafeBufferPointer { (buffer) throws(SystemCallError) in
      try send(UnsafeRawBufferPointer(buffer))
    }
  }

  /// Writes several buffers in order with one call. Throws `SystemCallError`.
  package func writev(_ parts: UnsafeBufferPointer<iovec>) throws(SystemCallError) -> WriteResult {
    try result(of: "writev") { Glibc.writev(raw, parts.baseAddress, Int32(parts.count)) }
  }

  /// Writes all of it to a blocking descriptor. Throws `SystemCallError`; a closed pipe is EPIPE.
  package func writeAll(_ bytes: [UInt8]) throws(SystemCallError) {
    var written = 0
    while written < bytes.count {
      let outcome = try bytes.withUnsafeBufferPointer { (buffer) throws(SystemCallError) in
        try write(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[written...]))
      }
      switch outcome {
      case .bytes(let count): written += count
      case .wouldBlock: throw SystemCallError("write", errno: EAGAIN, subject: "descriptor \(raw)")
      case .closed: throw SystemCallError("write", errno: EPIPE, subject: "descriptor \(raw)")
      }
    }
  }

  /// Writes all of it at an offset in bytes, without moving the file's position. Throws `SystemCallError`.
  package func pwriteAll(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws(SystemCallError) {
    var written = 0
    while written < buffer.count {
      let count = Glibc.pwrite(
        raw, buffer.baseAddress! + written, buffer.count - written, offset + written)
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        throw .last("pwrite", "descriptor \(raw)")
      }
    }
  }

  /// Has the kernel begin to write some bytes of the file to its disk, so that a later `fdatasync` finds less to
  /// do. A hint: where it can't be followed nothing happens.
  package func startWriteback(at offset: Int, count: Int) {
    _ = cposix_start_writeback(raw, Int64(offset), Int64(count))
  }

  private func result(of call: String, _ body: () -> Int) throws(SystemCallError) -> WriteResult {
    while true {
      let count = body()
      if count >= 0 { return .bytes(count) }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      case EPIPE, ECONNRESET: return .closed
      default: throw .last(call, "descriptor \(raw)")
      }
    }
  }
}
