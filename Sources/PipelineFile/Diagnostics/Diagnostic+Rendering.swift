extension Diagnostic {
  /// `file:line:col: error: what; remedy`, without the source line.
  package var summary: String {
    let place = position.line > 0 ? position.description : position.file
    let advice = remedy.isEmpty ? "" : "; \(remedy)"
    return "\(place): \(severity.rawValue): \(message)\(advice)"
  }

  /// The summary, then the line of the file and a caret below the character that is meant.
  package var rendered: String {
    guard let sourceLine, position.line > 0 else { return summary }
    return "\(summary)\n  \(sourceLine)\n  \(Self.padding(of: sourceLine, column: position.column))^"
  }

  /// Blanks as wide as what stands before the byte column: one for each character, tabs kept as they are.
  static func padding(of line: String, column: Int) -> String {
    var padding = ""
    var bytes = 1
    for character in line {
      guard bytes < column else { break }
      let width = character.utf8.count
      // A column inside of a character means that character.
      guard bytes + width <= column else { break }
      padding.append(character == "\t" ? "\t" : " ")
      bytes += width
    }
    return padding
  }
}
