import Glibc
import POSIXKit

/// A folder of its own under /tmp, of mode 0700, removed at the end with all that is in it.
package final class TemporaryFolder {
  package let path: String

  package init() {
    var template = Array("/tmp/procession-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { fatalError("\(SystemCallError.last("mkdtemp", "/tmp"))") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  package static func remove(_ path: String) {
    for name in (try? namesInFolder(path)) ?? [] where unlink("\(path)/\(name)") != 0 {
      remove("\(path)/\(name)")
    }
    rmdir(path)
  }

  /// The path of a file in it.
  package func file(_ name: String) -> String { "\(path)/\(name)" }

  /// What lies in a folder of it, in order.
  package func names(in folder: String = ".") -> [String] {
    ((try? namesInFolder(file(folder))) ?? []).sorted()
  }

  /// Nil for a file that can't be read.
  package func read(_ name: String) -> [UInt8]? { try? bytesOfFile(file(name)) }

  package func text(_ name: String) -> String? { read(name).map { String(decoding: $0, as: UTF8.self) } }

  package func write(_ name: String, _ bytes: [UInt8], permissions: mode_t = 0o644) {
    put(bytes, into: name, O_TRUNC, permissions)
  }

  package func write(_ name: String, _ text: String) { write(name, Array(text.utf8)) }

  package func append(_ name: String, _ bytes: [UInt8]) { put(bytes, into: name, O_APPEND, 0o644) }

  package func append(_ name: String, _ text: String) { append(name, Array(text.utf8)) }

  private func put(_ bytes: [UInt8], into name: String, _ flags: Int32, _ permissions: mode_t) {
    do {
      let file = try Descriptor.open(file(name), O_WRONLY | O_CREAT | flags, permissions: permissions)
      try file.writeAll(bytes)
    } catch {
      fatalError("\(error)")
    }
  }
}
