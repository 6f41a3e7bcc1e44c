/// CSV read byte by byte into arrays: slow, and written without a look at the real reader.
enum ReferenceCSV {
  struct Cell: Equatable {
    var bytes: [UInt8] = []
    var quoted = false
    var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  enum Fault: Equatable { case textAfterQuote, unterminated, nul }

  struct Row: Equatable {
    var cells: [Cell] = []
    var fault: Fault?
    var line: Int
    var lines: Int
    /// Whether its last cell's quote never closes, whatever else is wrong with it.
    var isOpen = false
  }

  static func rows(_ input: [UInt8], delimiter: UInt8, oneColumn: Bool) -> [Row] {
    var rows: [Row] = []
    var rest = input[...]
    var line = 0
    while !rest.isEmpty {
      if !oneColumn, let skipped = [[10], [13, 10]].first(where: { rest.starts(with: $0) }) {
        rest = rest.dropFirst(skipped.count)
        line += 1
        continue
      }
      if !oneColumn && rest.elementsEqual([13]) { break }
      var row = Row(line: line, lines: 0)
      readRow(&rest, &row, delimiter)
      line += row.lines
      rows.append(row)
    }
    return rows
  }

  private static func readRow(_ rest: inout ArraySlice<UInt8>, _ row: inout Row, _ delimiter: UInt8) {
    while true {
      var cell = Cell()
      if rest.first == 34 {
        cell.quoted = true
        rest = rest.dropFirst()
        readQuoted(&rest, &row, &cell)
      }
      // Unquoted text, or what wrongly follows a quoted cell.
      var plain: [UInt8] = []
      while let byte = rest.first, byte != delimiter, byte != 10 {
        plain.append(byte)
        rest = rest.dropFirst()
      }
      if rest.first != delimiter && plain.last == 13 { plain.removeLast() }
      if cell.quoted {
        if !plain.isEmpty { row.fault = row.fault ?? .textAfterQuote }
      } else {
        cell.bytes = plain
      }
      if plain.contains(0) || cell.bytes.contains(0) { row.fault = .nul }
      row.cells.append(cell)
      if rest.first == delimiter {
        rest = rest.dropFirst()
        continue
      }
      rest = rest.dropFirst()
      row.lines += 1
      return
    }
  }

  private static func readQuoted(_ rest: inout ArraySlice<UInt8>, _ row: inout Row, _ cell: inout Cell) {
    while let byte = rest.first {
      rest = rest.dropFirst()
      if byte == 34 {
        guard rest.first == 34 else { return }
        rest = rest.dropFirst()
      }
      if byte == 10 { row.lines += 1 }
      cell.bytes.append(byte)
    }
    row.fault = row.fault ?? .unterminated
    row.isOpen = true
  }

  /// The JSON that a cell becomes.
  static func json(_ cell: Cell, nulls: [String], infer: Bool) -> String {
    let text = cell.text
    if !cell.quoted {
      if nulls.contains(text) { return "null" }
      if infer {
        if text == "true" || text == "false" { return text }
        if text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+\-]?[0-9]+)?/) != nil,
          Double(text)!.isFinite
        {
          return text
        }
      }
    }
    return json(text)
  }

  static func json(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{8}": result += "\\b"
      case "\u{C}": result += "\\f"
      case let other where other.value < 0x20:
        let digits = String(other.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
