import CPOSIX
import Glibc

/// Memory that several processes see, with no name in any file system: a `memfd`, mapped shared.
///
/// It lasts until the last process unmaps it, so the parent reads what a dead child left there. The
/// descriptor is what is passed on; a forked child may also use the mapping that it inherited.
package struct SharedMemory: ~Copyable {
  package let descriptor: Descriptor
  /// Page-aligned, zero at first, and lent.
  package let bytes: UnsafeMutableRawBufferPointer

  /// Creates `size` bytes (at least one). `name` is what /proc/<pid>/maps shows. Throws `SystemCallError`.
  package init(size: Int, name: String) throws(SystemCallError) {
    let opened = cposix_memfd(name)
    guard opened >= 0 else { throw .last("memfd_create", name) }
    let owned = Descriptor(owning: opened)
    guard ftruncate(opened, size) == 0 else { throw .last("ftruncate", name) }
    bytes = try Self.map(opened, size)
    descriptor = owned
  }

  /// Maps all of what another process created. Throws `SystemCallError`; EINVAL for an empty one.
  package init(mapping passed: consuming Descriptor) throws(SystemCallError) {
    let size = try passed.status().st_size
    bytes = try Self.map(passed.raw, Int(size))
    descriptor = passed
  }

  /// Maps what may be looked at only: writing to `bytes` ends the process. Throws `SystemCallError`; EINVAL for
  /// an empty one.
  package init(lookingAt passed: consuming Descriptor) throws(SystemCallError) {
    let size = try passed.status().st_size
    bytes = try Self.map(passed.raw, Int(size), PROT_READ)
    descriptor = passed
  }

  deinit { munmap(bytes.baseAddress!, bytes.count) }

  /// A 64-bit word at an offset in bytes, a multiple of eight.
  package func word(at offset: Int) -> SharedWord {
    precondition(offset % 8 == 0 && offset + 8 <= bytes.count)
    return SharedWord(bytes.baseAddress! + offset)
  }

  private static func map(
    _ raw: Int32, _ size: Int, _ access: Int32 = PROT_READ | PROT_WRITE
  ) throws(SystemCallError) -> UnsafeMutableRawBufferPointer {
    guard let start = mmap(nil, size, access, MAP_SHARED, raw, 0), start != MAP_FAILED
    else { throw .last("mmap", "shared memory of \(size) bytes") }
    return UnsafeMutableRawBufferPointer(start: start, count: size)
  }
}

/// A 64-bit word that processes share. It must not outlive its memory.
package struct SharedWord: @unchecked Sendable {
  // Sendable: every access is atomic.
  private let pointer: UnsafeMutablePointer<UInt64>

  /// `address` is a multiple of eight.
  package init(_ address: UnsafeMutableRawPointer) {
    pointer = address.assumingMemoryBound(to: UInt64.self)
  }

  /// Sees all that was written before the store that it reads (acquire).
  package func load() -> UInt64 { cposix_load(pointer) }

  /// Whoever loads it sees all that was written before (release).
  package func store(_ value: UInt64) { cposix_store(pointer, value) }

  /// Stores a value where the expected one is. False, and nothing is done, where another is.
  package func exchange(_ expected: UInt64, for value: UInt64) -> Bool {
    cposix_exchange(pointer, expected, value) == 1
  }

  /// A counter's step (relaxed). Returns the value before.
  @discardableResult
  package func add(_ value: UInt64) -> UInt64 { cposix_add(pointer, value) }
}
