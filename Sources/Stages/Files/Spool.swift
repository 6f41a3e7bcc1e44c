import Glibc
import POSIXKit

/// A log of an input that can be read only once: segments of its bytes, and where it ended.
///
/// Bytes come from a pipe with `splice`, so that a killed process leaves each of them in the pipe or in the log.
/// From what can't be spliced (a terminal, a socket) they are read and written: what was read and not yet written
/// dies with its reader. For one thread of one process.
///
///     0, 1, ...    segments, each of so many bytes; the last may be shorter
///     header       the first bytes, once segment 0 is gone
///     end          how many bytes there are, once the input has ended
package final class Spool {
  /// In the folder of its slot's state.
  package static let folderName = "spool"
  package static let segmentBytes = 64 << 20
  private static let portion = 64 << 10

  /// Bytes that were ever taken.
  private(set) var length = 0
  /// The input gives no more.
  private(set) var hasEnded = false

  private let folder: String
  private let segmentBytes: Int
  /// The lowest segment that is there.
  private var first = 0
  private var header: [UInt8] = []
  private var durable = 0
  private var hasNewName = true
  private var canSplice = true
  private var last: File?
  /// A segment that is read from, other than the last.
  private var reading: (index: Int, file: File)?

  private final class File {
    let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
  }

  /// Opens the log in a folder, making it where it is missing.
  init(_ folder: String, segmentBytes: Int = Spool.segmentBytes) throws(SystemCallError) {
    self.folder = folder
    self.segmentBytes = segmentBytes
    if mkdir(folder, 0o700) == 0 {
      try Descriptor.syncFolder(of: folder)
    } else if errno != EEXIST {
      throw .last("mkdir", folder)
    }
    let segments = try namesInFolder(folder).compactMap { Int($0) }.sorted()
    if let index = segments.last {
      first = segments[0]
      last = File(try Descriptor.open("\(folder)/\(index)", O_RDWR))
      length = index * segmentBytes + Int(try last!.descriptor.status().st_size)
    }
    if access("\(folder)/header", F_OK) == 0 { header = try bytesOfFile("\(folder)/header") }
    hasEnded = access("\(folder)/end", F_OK) == 0
  }

  /// Whether a folder holds what an earlier process has spooled.
  static func exists(_ folder: String) -> Bool {
    ((try? namesInFolder(folder)) ?? []).contains { $0 == "0" || $0 == "end" || $0 == "header" }
  }

  /// Forgets what a folder holds. Throws `SystemCallError`.
  package static func remove(_ folder: String) throws(SystemCallError) {
    if access(folder, F_OK) != 0 { return }
    for name in try namesInFolder(folder) where unlink("\(folder)/\(name)") != 0 {
      throw .last("unlink", "\(folder)/\(name)")
    }
    guard rmdir(folder) == 0 else { throw .last("rmdir", folder) }
  }

  /// Takes what the input has, without waiting, and so many bytes at most.
  func take(from input: Int32, atMost count: Int) throws(SystemCallError) {
    let target = length + count
    while length < target && !hasEnded {
      try openNext()
      let room = min(target, (length / segmentBytes + 1) * segmentBytes) - length
      switch try canSplice
        ? last!.descriptor.takeBytes(fromPipe: input, at: length % segmentBytes, count: room)
        : copy(input, room)
      {
      case .bytes(let moved): length += moved
      case .wouldBlock: return
      case .end: try end()
      case .unsupported: canSplice = false
      }
    }
  }

  /// Takes bytes that are in memory.
  package func append(_ bytes: UnsafeRawBufferPointer) throws(SystemCallError) {
    var rest = bytes
    while !rest.isEmpty {
      try openNext()
      let room = min(rest.count, segmentBytes - length % segmentBytes)
      try last!.descriptor.pwriteAll(
        UnsafeRawBufferPointer(rebasing: rest.prefix(room)), at: length % segmentBytes)
      length += room
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(room))
    }
  }

  /// Reads and writes what can't be spliced.
  private func copy(_ input: Int32, _ room: Int) throws(SystemCallError) -> MoveResult {
    guard try Poller.wait(for: input, until: 0) else { return .wouldBlock }
    var bytes = [UInt8](repeating: 0, count: min(room, Self.portion))
    let count = try bytes.withUnsafeMutableBufferPointer { (bytes) throws(SystemCallError) -> Int in
      while true {
        let count = Glibc.read(input, bytes.baseAddress!, bytes.count)
        if count >= 0 { return count }
        if errno == EAGAIN { return -1 }
        if errno != EINTR { throw .last("read", "standard input") }
      }
    }
    if count < 0 { return .wouldBlock }
    if count == 0 { return .end }
    try bytes.withUnsafeBufferPointer { (bytes) throws(SystemCallError) in
      try last!.descriptor.pwriteAll(
        UnsafeRawBufferPointer(.init(rebasing: bytes[..<count])), at: length % segmentBytes)
    }
    return .bytes(count)
  }

  /// Begins the next segment where the last one is full. All but the last are durable.
  private func openNext() throws(SystemCallError) {
    if last != nil && (length == 0 || length % segmentBytes > 0) { return }
    let index = length / segmentBytes
    if last != nil {
      // A full segment's successor may be there already, empty.
      if try last!.descriptor.status().st_size == 0 { return }
      try keep()
    }
    last = File(try Descriptor.open("\(folder)/\(index)", O_RDWR | O_CREAT, permissions: 0o600))
    hasNewName = true
  }

  private func end() throws(SystemCallError) {
    try keep()
    try write("end", Array("\(length)\n".utf8))
    hasEnded = true
  }

  /// Makes all that was taken durable.
  func keep() throws(SystemCallError) {
    if hasNewName { try Descriptor.syncFolder(folder) }
    hasNewName = false
    if durable == length && durable > 0 { return }
    if last != nil && fdatasync(last!.descriptor.raw) != 0 { throw .last("fdatasync", folder) }
    durable = length
  }

  /// Makes the bytes before an offset durable.
  func keep(before offset: UInt64) throws(SystemCallError) {
    if offset > UInt64(durable) || hasNewName { try keep() }
  }

  /// Reads from an offset until the buffer is full or nothing more was taken.
  func read(into room: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemCallError) -> Int {
    if offset / segmentBytes < first {
      // The start of the text is all that is asked for again.
      guard offset < header.count else { return 0 }
      let count = min(room.count, header.count - offset)
      room.copyBytes(from: header[offset..<offset + count])
      return count
    }
    var count = 0
    while count < room.count && offset + count < length {
      let place = offset + count
      let wanted = min(room.count - count, (place / segmentBytes + 1) * segmentBytes - place, length - place)
      let into = UnsafeMutableRawBufferPointer(rebasing: room[count..<count + wanted])
      let read = try self.read(place / segmentBytes, into, at: place % segmentBytes)
      if read == 0 { throw SystemCallError("pread", errno: EIO, subject: "\(folder), which ends too early") }
      count += read
    }
    return count
  }

  private func read(
    _ index: Int, _ room: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(SystemCallError) -> Int {
    if index == (length - 1) / segmentBytes && length % segmentBytes > 0 {
      return try last!.descriptor.pread(into: room, at: offset)
    }
    if reading?.index != index {
      reading = (index, File(try Descriptor.open("\(folder)/\(index)")))
    }
    return try reading!.file.descriptor.pread(into: room, at: offset)
  }

  /// Whether whole segments lie below an offset.
  func holdsUnneeded(before offset: UInt64) -> Bool { firstNeeded(offset) > first }

  private func firstNeeded(_ offset: UInt64) -> Int {
    max(0, min(Int(offset) - InputMark.tailLength, length - 1)) / segmentBytes
  }

  /// Removes the segments below an offset, but keeps the first bytes of the first one.
  func release(before offset: UInt64, header bytes: Int) throws(SystemCallError) {
    let needed = firstNeeded(offset)
    if first == 0 && needed > 0 {
      var header = [UInt8](repeating: 0, count: bytes)
      let count = try header.withUnsafeMutableBufferPointer { (room) throws(SystemCallError) in
        try read(into: UnsafeMutableRawBufferPointer(room), at: 0)
      }
      self.header = Array(header[..<count])
      try write("header", self.header)
    }
    while first < needed {
      guard unlink("\(folder)/\(first)") == 0 || errno == ENOENT else {
        throw .last("unlink", "\(folder)/\(first)")
      }
      first += 1
    }
  }

  private func write(_ name: String, _ bytes: [UInt8]) throws(SystemCallError) {
    let temporary = "\(folder)/\(name).new"
    let file = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC, permissions: 0o600)
    try file.writeAll(bytes)
    guard fdatasync(file.raw) == 0 else { throw .last("fdatasync", temporary) }
    guard rename(temporary, "\(folder)/\(name)") == 0 else { throw .last("rename", temporary) }
    try Descriptor.syncFolder(folder)
  }
}
