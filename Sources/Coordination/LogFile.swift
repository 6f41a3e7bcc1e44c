import Delivery
import Glibc
import POSIXKit

/// An append-only file of checksummed entries: one writer, any number of readers.
///
/// Each entry is a 32-bit length, an XXH64 checksum and its bytes, little-endian. A write that was cut short
/// leaves a damaged end, which readers stop at and the next writer removes: an entry counts only once
/// ``append(_:)`` has returned.
package struct LogFile: ~Copyable {
  /// The longest entry: what is larger is damage.
  private static let longest = 16 << 20
  private static let frame = 12

  private let descriptor: Descriptor
  private let path: String
  private var length: Int

  /// Begins a log with the given entries, in place of any other. Durable when it returns.
  package static func create(_ path: String, entries: [[UInt8]]) throws(SystemCallError) -> LogFile {
    let temporary = path + ".new"
    var log = LogFile(
      descriptor: try Descriptor.open(temporary, O_RDWR | O_CREAT | O_TRUNC, permissions: 0o600),
      path: path, length: 0)
    try log.write(entries)
    guard rename(temporary, path) == 0 else { throw .last("rename", path) }
    try Descriptor.syncFolder(of: path)
    return log
  }

  /// Opens a log to append to it, and removes what is behind its last whole entry that `accept` knows.
  package static func open(
    _ path: String, accept: ([UInt8]) -> Bool
  ) throws(SystemCallError) -> LogFile {
    let length = try scan(path, accept)
    let file = try Descriptor.open(path, O_RDWR)
    guard ftruncate(file.raw, length) == 0 else { throw .last("ftruncate", path) }
    return LogFile(descriptor: file, path: path, length: length)
  }

  private init(descriptor: consuming Descriptor, path: String, length: Int) {
    self.descriptor = descriptor
    self.path = path
    self.length = length
  }

  /// Hands over the whole entries of a file, in the order in which they were written, until one is not
  /// accepted. It may be written meanwhile.
  package static func read(_ path: String, accept: ([UInt8]) -> Bool) throws(SystemCallError) {
    _ = try scan(path, accept)
  }

  /// Appends an entry. It survives the death of the machine when this returns.
  package mutating func append(_ entry: [UInt8]) throws(SystemCallError) { try write([entry]) }

  private mutating func write(_ entries: [[UInt8]]) throws(SystemCallError) {
    var whole: [UInt8] = []
    for entry in entries {
      var writer = ByteWriter()
      writer.write(UInt32(entry.count))
      writer.write(StableHash.hash(of: entry))
      whole += writer.bytes + entry
    }
    try whole.withUnsafeBufferPointer { (buffer) throws(SystemCallError) in
      try descriptor.pwriteAll(UnsafeRawBufferPointer(buffer), at: length)
    }
    guard fdatasync(descriptor.raw) == 0 else { throw .last("fdatasync", path) }
    length += whole.count
  }

  /// The length of what was accepted.
  private static func scan(_ path: String, _ accept: ([UInt8]) -> Bool) throws(SystemCallError) -> Int {
    let bytes = try bytesOfFile(path)
    var position = 0
    while bytes.count - position >= frame {
      var reader = ByteReader(Array(bytes[position..<position + frame]))
      guard let count = try? reader.read(UInt32.self), let checksum = try? reader.read(UInt64.self),
        count <= longest, bytes.count - position - frame >= Int(count)
      else { break }
      let start = position + frame
      let body = Array(bytes[start..<start + Int(count)])
      guard StableHash.hash(of: body) == checksum, accept(body) else { break }
      position = start + Int(count)
    }
    return position
  }
}
