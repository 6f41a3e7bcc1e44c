import Foundation

/// Times that one contender took for the same thing, again and again.
struct Timings {
  var name: String
  var nanoseconds: [UInt64]

  /// Reads one number a line, as probes and scripts print them.
  init(name: String, printed: String) throws {
    self.name = name
    nanoseconds = printed.split(separator: "\n").compactMap { UInt64($0) }
    guard !nanoseconds.isEmpty, nanoseconds.count == printed.split(separator: "\n").count else {
      throw BenchmarkError("\(name) did not print times:\n\(printed)")
    }
  }

  init(name: String, nanoseconds: [UInt64]) {
    self.name = name
    self.nanoseconds = nanoseconds
  }

  var median: Double { quantile(0.5) }

  func quantile(_ share: Double) -> Double {
    let sorted = nanoseconds.sorted()
    return Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))])
  }
}

/// The table that they are printed in: milliseconds, and how procession's median compares.
struct TimingTable {
  private var lines: [[String]] = [
    ["benchmark", "contender", "times", "median ms", "95 % ms", "most ms", "ratio"]
  ]

  /// The first is what the others are compared with; below 1 it is faster.
  mutating func add(_ benchmark: String, _ timings: [Timings]) {
    for (index, one) in timings.enumerated() {
      lines.append([
        benchmark, one.name, "\(one.nanoseconds.count)", Self.milliseconds(one.median),
        Self.milliseconds(one.quantile(0.95)), Self.milliseconds(one.quantile(1)),
        index == 0 ? "" : String(format: "%.2f", timings[0].median / one.median),
      ])
    }
  }

  var isEmpty: Bool { lines.count == 1 }

  var text: String {
    let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      line.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - line[column].count)
        return column < 2 ? line[column] + padding : padding + line[column]
      }.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
    }.joined(separator: "\n")
  }

  private static func milliseconds(_ nanoseconds: Double) -> String {
    String(format: "%.3f", nanoseconds / 1e6)
  }
}
