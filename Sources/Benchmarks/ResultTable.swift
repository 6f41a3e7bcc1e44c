import Foundation

/// All measured runs of one contender.
struct ContenderResult {
  var name: String
  var runs: [Measurement]

  func median(_ value: (Measurement) -> Double) -> Double {
    let sorted = runs.map(value).sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  var wall: Double { median(\.wallSeconds) }
  var cpu: Double { median(\.cpuSeconds) }
  var memory: Double { median(\.peakProportionalMegabytes) }
}

/// The table that a run prints; columns are as wide as their widest cell.
struct ResultTable {
  private var lines: [[String]] = [
    ["benchmark", "contender", "wall s", "CPU s", "PSS MB", "rows/s", "wall ratio", "CPU ratio"]
  ]

  /// The first result is the one that the others are compared with.
  mutating func add(benchmark: String, rows: Int, results: [ContenderResult]) {
    for (index, result) in results.enumerated() {
      var ratios = ["", ""]
      if index > 0, results[0].name == ProcessionExecutable.name {
        ratios = [
          Self.number(results[0].wall / result.wall, 2), Self.number(results[0].cpu / result.cpu, 2),
        ]
      }
      lines.append(
        [
          benchmark, result.name, Self.number(result.wall, 2), Self.number(result.cpu, 2),
          Self.number(result.memory, 0), Self.number(Double(rows) / result.wall, 0),
        ] + ratios)
    }
  }

  var text: String {
    let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      let cells = line.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - line[column].count)
        return column < 2 ? line[column] + padding : padding + line[column]
      }
      return cells.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
    }.joined(separator: "\n")
  }

  private static func number(_ value: Double, _ decimals: Int) -> String {
    String(format: "%.\(decimals)f", value)
  }
}
