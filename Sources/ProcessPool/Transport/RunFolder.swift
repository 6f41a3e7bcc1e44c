import Glibc
import POSIXKit

/// A pool's folder for its sockets: of mode 0700, with a short path, gone when the pool is.
final class RunFolder {
  let path: String

  /// Made in TMPDIR where its path leaves room for a socket's name, else in /tmp. Throws `SystemCallError`.
  init() throws(SystemCallError) {
    var parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    while parent.count > 1 && parent.hasSuffix("/") { parent.removeLast() }
    if parent.isEmpty || parent.utf8.count > 60 { parent = "/tmp" }
    var template = Array("\(parent)/procession-pool-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw .last("mkdtemp", parent) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { remove() }

  func socket(_ name: String) -> String { "\(path)/\(name)" }

  func removeSocket(_ name: String) { unlink(socket(name)) }

  /// Removes what is in it, and the folder.
  func remove() {
    for name in (try? namesInFolder(path)) ?? [] { unlink(socket(name)) }
    rmdir(path)
  }
}
