import Glibc
import PipelineFile

/// A folder of its own under /tmp, removed at the end.
final class Folder {
  let path: String

  init() {
    var template = Array("/tmp/procession-test-XXXXXX".utf8CString)
    path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
  }

  deinit { Self.remove(path) }

  private static func remove(_ path: String) {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != "." && name != ".." { remove("\(path)/\(name)") }
      }
      closedir(folder)
    }
    Glibc.remove(path)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ name: String, _ bytes: [UInt8]) {
    let file = fopen(file(name), "w")!
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }

  func read(_ name: String) -> [UInt8]? {
    guard let file = fopen(file(name), "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 16 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
  }

  func text(_ name: String) -> String? { read(name).map { String(decoding: $0, as: UTF8.self) } }

  func write(_ name: String, _ text: String) { write(name, Array(text.utf8)) }

  func append(_ name: String, _ text: String) {
    let file = fopen(self.file(name), "a")!
    fwrite(text, 1, text.utf8.count, file)
    fclose(file)
  }

  /// The file as a plan remembers it.
  func input(_ name: String) -> InputFile {
    var status = stat()
    precondition(stat(file(name), &status) == 0)
    return InputFile(
      path: file(name), shown: name, size: UInt64(status.st_size), device: UInt64(status.st_dev),
      inode: UInt64(status.st_ino),
      modified: UInt64(status.st_mtim.tv_sec) * 1_000_000_000 + UInt64(status.st_mtim.tv_nsec))
  }
}
