import Glibc

extension Descriptor {
  /// Makes the names in a file's folder durable: a new file survives the machine's death only after that.
  package static func syncFolder(of path: String) throws(SystemCallError) {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    try syncFolder(folder)
  }

  /// Makes the names in a folder durable.
  package static func syncFolder(_ folder: String) throws(SystemCallError) {
    let opened = try Descriptor.open(folder, O_RDONLY | O_DIRECTORY)
    // A file system without this call (EINVAL) keeps names by itself or not at all.
    guard fsync(opened.raw) == 0 || errno == EINVAL else { throw .last("fsync", folder) }
  }
}

/// All bytes of a file. Throws `SystemCallError`.
package func bytesOfFile(_ path: String) throws(SystemCallError) -> [UInt8] {
  let file = try Descriptor.open(path)
  var bytes = [UInt8](repeating: 0, count: Int(try file.status().st_size) + 1)
  var count = 0
  while true {
    if count == bytes.count { bytes += [UInt8](repeating: 0, count: bytes.count) }
    let read = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(SystemCallError) in
      let room = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
      return try file.pread(into: room, at: count)
    }
    if read == 0 { break }
    count += read
  }
  return Array(bytes[..<count])
}
