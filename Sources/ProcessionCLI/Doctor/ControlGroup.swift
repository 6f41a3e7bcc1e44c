import POSIXKit

/// The control group (v2) that this process is in: the nearest limit on the way up counts.
struct ControlGroup {
  /// From the group itself up to the root, absolute.
  private let folders: [String]

  init() {
    let text = (try? textOfSystemFile("/proc/self/cgroup")) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("0::") }
    var path = line.map { String($0.dropFirst(3)) } ?? "/"
    var found: [String] = []
    while !path.isEmpty && path != "/" {
      found.append("/sys/fs/cgroup" + path)
      path = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
    folders = found + ["/sys/fs/cgroup"]
  }

  /// The lowest of a file's numbers on the way up; nil where none sets one.
  func limit(_ file: String) -> UInt64? { folders.compactMap { Self.number("\($0)/\(file)") }.min() }

  /// The group's own number.
  func number(_ file: String) -> UInt64? {
    folders.lazy.compactMap { Self.number("\($0)/\(file)") }.first
  }

  private static func number(_ path: String) -> UInt64? {
    (try? textOfSystemFile(path)).flatMap { UInt64($0.split(whereSeparator: \.isWhitespace).first ?? "") }
  }
}
