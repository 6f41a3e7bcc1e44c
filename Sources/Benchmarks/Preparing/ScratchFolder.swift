import Foundation

/// A folder for outputs and logs that lives as long as the run.
struct ScratchFolder {
  private let root: String

  init(inside parent: String) throws {
    root = NSString(string: parent).appendingPathComponent("procession-benchmarks-\(getpid())")
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  func path(_ name: String) -> String {
    NSString(string: root).appendingPathComponent(name)
  }

  /// Writes a file and gives its path.
  func write(_ text: String, to name: String) throws -> String {
    let path = path(name)
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    return path
  }

  /// Makes a folder unless it is there, and gives its path.
  func folder(_ name: String) throws -> String {
    try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
    return path(name)
  }

  func remove() {
    try? FileManager.default.removeItem(atPath: root)
  }
}
