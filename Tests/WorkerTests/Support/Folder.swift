import Glibc

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

  static func removeFile(_ path: String) { unlink(path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ name: String, _ bytes: [UInt8]) {
    let file = fopen(file(name), "w")!
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }

  func append(_ name: String, _ bytes: [UInt8]) {
    let file = fopen(file(name), "a")!
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }

  func read(_ name: String) -> [UInt8]? {
    guard let file = fopen(file(name), "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
  }

  func text(_ name: String) -> String? { read(name).map { String(decoding: $0, as: UTF8.self) } }

  func permissions(_ name: String) -> mode_t? {
    var status = stat()
    return stat(name.hasPrefix("/") ? name : file(name), &status) == 0 ? status.st_mode & 0o777 : nil
  }
}
