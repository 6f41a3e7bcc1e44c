import Glibc
import POSIXKit

/// A folder of its own for a test, removed with all that is in it.
final class Scratch {
  let path: String

  init() {
    var template = Array("/tmp/supervisor-XXXXXX".utf8CString)
    path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
  }

  deinit {
    for name in names { unlink(self[name]) }
    rmdir(path)
  }

  subscript(_ name: String) -> String { "\(path)/\(name)" }

  var names: [String] { ((try? namesInFolder(path)) ?? []).sorted() }

  func text(_ name: String) -> String? {
    (try? bytesOfFile(self[name])).map { String(decoding: $0, as: UTF8.self) }
  }
}
