import Glibc

/// A database's path in a folder of its own, which goes with it.
final class Scratch {
  let folder: String
  var path: String { "\(folder)/test.db" }

  init() {
    var template = Array("/tmp/procession-sqlite-XXXXXX".utf8CString)
    folder = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
  }

  deinit {
    for name in ["", "-wal", "-shm", "-journal"] { unlink(path + name) }
    rmdir(folder)
  }
}
