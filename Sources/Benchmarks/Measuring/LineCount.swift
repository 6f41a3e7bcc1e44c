import Foundation

/// Counts newlines.
enum LineCount {
  static func of(_ path: String) throws -> Int {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw BenchmarkError("\(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    let size = 1 << 20
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
    defer { buffer.deallocate() }
    var lines = 0
    while true {
      let count = read(descriptor, buffer, size)
      guard count > 0 else { return lines }
      let bytes = UnsafeRawBufferPointer(start: buffer, count: count)
      for byte in bytes where byte == UInt8(ascii: "\n") { lines += 1 }
    }
  }
}
