import Glibc
import POSIXKit

/// Whole files, as bytes.
enum FileBytes {
  /// Nil for a file that can't be read.
  static func read(_ path: String) -> [UInt8]? { try? bytesOfFile(path) }

  /// 0 for a file that is not there.
  static func size(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  static func write(_ bytes: [UInt8], to path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    precondition(descriptor >= 0, "can't write \(path)")
    defer { close(descriptor) }
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress! + sent, bytes.count - sent)
      }
      precondition(count > 0, "can't write \(path)")
      sent += count
    }
  }
}
