import Foundation

/// Reads the process table under `/proc`.
enum ProcessTree {
  /// The process and all its descendants that are alive now.
  static func members(of root: pid_t) -> [pid_t] {
    var children: [pid_t: [pid_t]] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
      guard let pid = pid_t(name), let parent = parent(of: pid) else { continue }
      children[parent, default: []].append(pid)
    }
    var found = [root]
    var next = 0
    while next < found.count {
      found += children[found[next]] ?? []
      next += 1
    }
    return found
  }

  /// The field after the state, which follows the last `)`: a command's name may hold anything.
  private static func parent(of pid: pid_t) -> pid_t? {
    guard let stat = SmallFile.read("/proc/\(pid)/stat"), let end = stat.lastIndex(of: ")") else {
      return nil
    }
    let fields = stat[stat.index(after: end)...].split(separator: " ")
    return fields.count > 1 ? pid_t(fields[1]) : nil
  }
}

/// Memory of a process, with what it shares divided by the number of sharers.
enum ProportionalSetSize {
  static func bytes(of pid: pid_t) -> Int {
    guard let rollup = SmallFile.read("/proc/\(pid)/smaps_rollup") else { return 0 }
    for line in rollup.split(separator: "\n") where line.hasPrefix("Pss:") {
      let fields = line.split(separator: " ")
      return fields.count > 1 ? (Int(fields[1]) ?? 0) * 1024 : 0
    }
    return 0
  }
}

/// Files of `/proc` tell no size: they are read until they end.
enum SmallFile {
  static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    var length = 0
    while length < bytes.count {
      let count = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress! + length, buffer.count - length)
      }
      guard count > 0 else { break }
      length += count
    }
    return String(decoding: bytes[..<length], as: UTF8.self)
  }
}
