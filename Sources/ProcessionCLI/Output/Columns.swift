import Supervisor

/// Text in columns, two spaces apart.
enum Columns {
  /// One line a row; columns at `numeric` positions are set flush right.
  static func lines(_ rows: [[String]], numeric: Set<Int> = []) -> [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() where widths[column] > 0 {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        if !line.isEmpty { line += "  " }
        line += numeric.contains(column) ? padding + cell : cell + padding
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}

/// Numbers as people read them.
enum Figures {
  /// 1234567 as 1,234,567.
  static func grouped(_ value: UInt64) -> String {
    var digits = Array(String(value))
    var index = digits.count - 3
    while index > 0 {
      digits.insert(",", at: index)
      index -= 3
    }
    return String(digits)
  }

  /// 1.2 MB; decimal units.
  static func bytes(_ value: UInt64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var amount = Double(value)
    var unit = 0
    while amount >= 1000 && unit < units.count - 1 {
      amount /= 1000
      unit += 1
    }
    return unit == 0 ? "\(value) B" : "\(Figure.fixed(amount, amount < 10 ? 1 : 0)) \(units[unit])"
  }
}
