import Delivery
import Glibc
import POSIXKit

/// The supervisor's append-only file of ``JournalEntry``s: one writer, any number of readers.
///
/// Each entry is a 32-bit length, an XXH64 checksum and its bytes, little-endian. A write that was cut short
/// leaves a damaged end, which readers stop at and the next writer removes: an entry counts only once
/// ``append(_:)`` has returned.
package struct Journal: ~Copyable {
  /// The longest entry: what is larger is damage.
  private static let longest = 16 << 20
  private static let frame = 12

  private let descriptor: Descriptor
  private let path: String
  private var length: Int

  /// Begins a journal whose first entry is given, in place of any other. Durable when it returns.
  package static func create(_ path: String, first: JournalEntry) throws(SystemCallError) -> Journal {
    let temporary = path + ".new"
    var journal = Journal(
      descriptor: try Descriptor.open(temporary, O_RDWR | O_CREAT | O_TRUNC, permissions: 0o600),
      path: path, length: 0)
    try journal.append(first)
    guard rename(temporary, path) == 0 else { throw .last("rename", path) }
    try Descriptor.syncFolder(of: path)
    return journal
  }

  /// Opens a journal to append to it, and removes what a cut-off write left at its end.
  package static func open(_ path: String) throws(SystemCallError) -> Journal {
    let (_, length) = try scan(path)
    let file = try Descriptor.open(path, O_RDWR)
    guard ftruncate(file.raw, length) == 0 else { throw .last("ftruncate", path) }
    return Journal(descriptor: file, path: path, length: length)
  }

  private init(descriptor: consuming Descriptor, path: String, length: Int) {
    self.descriptor = descriptor
    self.path = path
    self.length = length
  }

  /// The whole entries of a file, in the order in which they were written. It may be written meanwhile.
  package static func read(_ path: String) throws(SystemCallError) -> [JournalEntry] {
    try scan(path).entries
  }

  /// Appends an entry. It survives the death of the machine when this returns.
  package mutating func append(_ entry: JournalEntry) throws(SystemCallError) {
    let bytes = entry.encoded()
    var writer = ByteWriter()
    writer.write(UInt32(bytes.count))
    writer.write(StableHash.hash(of: bytes))
    let whole = writer.bytes + bytes
    try whole.withUnsafeBufferPointer { (buffer) throws(SystemCallError) in
      try descriptor.pwriteAll(UnsafeRawBufferPointer(buffer), at: length)
    }
    guard fdatasync(descriptor.raw) == 0 else { throw .last("fdatasync", path) }
    length += whole.count
  }

  private static func scan(_ path: String) throws(SystemCallError) -> (entries: [JournalEntry], length: Int) {
    let bytes = try bytesOfFile(path)
    var entries: [JournalEntry] = []
    var position = 0
    while bytes.count - position >= frame {
      var reader = ByteReader(Array(bytes[position..<position + frame]))
      guard let count = try? reader.read(UInt32.self), let checksum = try? reader.read(UInt64.self),
        count <= longest, bytes.count - position - frame >= Int(count)
      else { break }
      let start = position + frame
      let body = Array(bytes[start..<start + Int(count)])
      guard StableHash.hash(of: body) == checksum, let entry = try? JournalEntry(decoding: body)
      else { break }
      entries.append(entry)
      position = start + Int(count)
    }
    return (entries, position)
  }
}
