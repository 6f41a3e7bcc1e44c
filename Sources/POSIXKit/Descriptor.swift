import CPOSIX
import Glibc

/// An owned file descriptor, closed when its owner lets go of it. Close-on-exec unless told otherwise.
///
/// `raw` may be lent to a call, and must not outlive the owner.
package struct Descriptor: ~Copyable, Sendable {
  /// The number, lent.
  package let raw: Int32

  /// Takes over a descriptor that nobody else closes.
  package init(owning raw: Int32) { self.raw = raw }

  deinit { _ = Glibc.close(raw) }

  /// Gives the number away; whoever takes it closes it.
  package consuming func release() -> Int32 {
    let raw = raw
    discard self
    return raw
  }

  /// Another descriptor of the same open description. Throws `SystemCallError`.
  package func duplicate() throws(SystemCallError) -> Descriptor {
    try Descriptor.duplicate(raw)
  }

  /// Duplicates a descriptor that is only lent. Throws `SystemCallError`.
  package static func duplicate(_ raw: Int32) throws(SystemCallError) -> Descriptor {
    let copy = cposix_duplicate(raw, 0)
    guard copy >= 0 else { throw .last("fcntl(F_DUPFD_CLOEXEC)", "descriptor \(raw)") }
    return Descriptor(owning: copy)
  }

  /// Makes reads and writes answer "would block" instead of waiting. A property of the open description, so
  /// it is seen by everyone who shares it.
  package func setNonblocking(_ on: Bool = true) throws(SystemCallError) {
    try Self.setNonblocking(lent: raw, on)
  }

  /// The same for a descriptor that is only lent.
  package static func setNonblocking(lent raw: Int32, _ on: Bool = true) throws(SystemCallError) {
    guard cposix_set_nonblocking(raw, on ? 1 : 0) == 0 else {
      throw .last("fcntl(F_SETFL)", "descriptor \(raw)")
    }
  }

  /// Whether a program that this process becomes by exec loses the descriptor.
  package func setCloseOnExec(_ on: Bool) throws(SystemCallError) {
    guard cposix_set_close_on_exec(raw, on ? 1 : 0) == 0 else {
      throw .last("fcntl(F_SETFD)", "descriptor \(raw)")
    }
  }

  /// Opens a path, relative to a folder's descriptor where one is given. Throws `SystemCallError`.
  package static func open(
    _ path: String, _ flags: Int32 = O_RDONLY, permissions: mode_t = 0o644, in folder: Int32 = AT_FDCWD
  ) throws(SystemCallError) -> Descriptor {
    let opened = cposix_openat(folder, path, flags, permissions)
    guard opened >= 0 else { throw .last("openat", path) }
    return Descriptor(owning: opened)
  }

  /// Size, type, times and identity of the open file. Throws `SystemCallError`.
  package func status() throws(SystemCallError) -> stat {
    var found = stat()
    guard fstat(raw, &found) == 0 else { throw .last("fstat", "descriptor \(raw)") }
    return found
  }
}
