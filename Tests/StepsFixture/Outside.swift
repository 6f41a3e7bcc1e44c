import Glibc
import Procession

/// A queue outside: files `0`, `1`, ... in a folder, each taken once, by renaming it.
enum Queue {
  static func take(_ folder: String) throws -> String? {
    guard let names = FileManaging.names(in: folder) else { throw Unavailable("no queue at \(folder)") }
    guard let first = names.compactMap(Int.init).min() else { return nil }
    let text = try FileManaging.read("\(folder)/\(first)")
    guard unlink("\(folder)/\(first)") == 0 else { throw Unavailable("\(folder)/\(first) can't be taken") }
    return text
  }
}

/// A file whose first line is a position in hexadecimal, replaced whole with each commit.
enum LedgerFile {
  static func open(_ path: String) throws -> [UInt8]? {
    guard let text = try? FileManaging.read(path), let line = text.split(separator: "\n").first else {
      return nil
    }
    var bytes: [UInt8] = []
    var rest = line[...]
    while rest.count >= 2 {
      bytes.append(UInt8(rest.prefix(2), radix: 16) ?? 0)
      rest = rest.dropFirst(2)
    }
    return bytes
  }

  static func commit(_ path: String, _ data: [UInt8], _ position: [UInt8]) throws {
    let old = (try? FileManaging.read(path)) ?? ""
    let body = old.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first
    let line = position.map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }.joined()
    let text = line + "\n" + (body ?? "") + String(decoding: data, as: UTF8.self)
    try FileManaging.write(text, to: path + ".new")
    guard rename(path + ".new", path) == 0 else { throw Unavailable("\(path) can't be replaced") }
  }
}

enum FileManaging {
  static func names(in folder: String) -> [String]? {
    guard let stream = opendir(folder) else { return nil }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names
  }

  static func read(_ path: String) throws -> String {
    guard let file = fopen(path, "r") else { throw Unavailable("\(path) can't be read") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw Unavailable("\(path) can't be written") }
    defer { fclose(file) }
    fputs(text, file)
  }
}
