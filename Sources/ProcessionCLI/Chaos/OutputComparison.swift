import Delivery
import PipelineFile
import POSIXKit

/// Compares what two runs of one pipeline wrote.
enum OutputComparison {
  /// Nil if the outputs are the same by their promise, else what differs.
  static func difference(_ expected: ChaosOutput, _ found: ChaosOutput) throws -> String? {
    let names = try files(in: expected.folder)
    let others = try files(in: found.folder)
    if case .sqlite(let table) = expected.sink.target, case .sqlite(let other) = found.sink.target {
      return try DatabaseComparison.difference(
        table.path, other.path, inOrder: expected.workers == 1 && expected.promise == .bytes)
    }
    switch expected.promise {
    case .bytes:
      if names != others { return "its files are \(list(others)), not \(list(names))" }
      for name in names {
        if let text = try difference(
          bytesOfFile("\(expected.folder)/\(name)"), bytesOfFile("\(found.folder)/\(name)"), name)
        {
          return text
        }
      }
      return nil
    case .concatenated:
      return try difference(all(expected.folder, names), all(found.folder, others), "all parts")
    case .anyOrder:
      let first = lines(try all(expected.folder, names))
      let second = lines(try all(found.folder, others))
      if first == second { return nil }
      return "it has \(second.count) records, not \(first.count), or others"
    }
  }

  /// Names of the files that count, sorted: SQLite's own companions are part of their database.
  private static func files(in folder: String) throws(SystemCallError) -> [String] {
    try namesInFolder(folder).filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }.sorted()
  }

  private static func list(_ names: [String]) -> String { "[" + names.joined(separator: ", ") + "]" }

  private static func all(_ folder: String, _ names: [String]) throws(SystemCallError) -> [UInt8] {
    var bytes: [UInt8] = []
    for name in names { bytes += try bytesOfFile("\(folder)/\(name)") }
    return bytes
  }

  private static func difference(_ expected: [UInt8], _ found: [UInt8], _ name: String) -> String? {
    if expected == found { return nil }
    let at = zip(expected, found).prefix { $0 == $1 }.count
    let line = expected[..<at].count { $0 == UInt8(ascii: "\n") } + 1
    return "\(name) has \(found.count) bytes, not \(expected.count), and differs from line \(line) on"
  }

  private static func lines(_ bytes: [UInt8]) -> Multiset {
    var lines = Multiset()
    for line in bytes.split(separator: UInt8(ascii: "\n")) { lines.add(StableHash.hash(of: Array(line))) }
    return lines
  }

  /// A multiset by its size and two sums over its members' hashes.
  private struct Multiset: Equatable {
    var count = 0
    private var sum: UInt64 = 0
    private var product: UInt64 = 0

    mutating func add(_ hash: UInt64) {
      count += 1
      sum &+= hash
      product &+= hash &* hash &* 0x9E37_79B9_7F4A_7C15
    }
  }
}
