import CPOSIX
import Glibc

/// What one attempt to move bytes did.
package enum MoveResult: Equatable, Sendable {
  /// So many bytes, at least one.
  case bytes(Int)
  /// Nothing now.
  case wouldBlock
  /// Nothing any more.
  case end
  /// These bytes can only be read and written.
  case unsupported
}

extension Descriptor {
  /// Moves what a pipe holds into this file at an offset, so that each byte is at any moment in one of them,
  /// even if this process is killed. Does not wait for the pipe, which is only lent. Throws `SystemCallError`.
  package func takeBytes(
    fromPipe pipe: Int32, at offset: Int, count: Int
  ) throws(SystemCallError) -> MoveResult {
    let moved = cposix_splice(pipe, raw, Int64(offset), count)
    if moved > 0 { return .bytes(moved) }
    if moved == 0 { return .end }
    switch errno {
    case EAGAIN: return .wouldBlock
    case EINVAL, ENOSYS: return .unsupported
    default: throw .last("splice", "descriptor \(raw)")
    }
  }
}
