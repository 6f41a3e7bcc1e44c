/// Writes values as YAML that reads back as the same values.
struct YAMLWriter {
  private(set) var text = ""
  private var path: [String] = []

  mutating func write(_ entries: [FileNode.Entry]) {
    for entry in entries { write(entry, indent: "") }
  }

  private mutating func write(_ entry: FileNode.Entry, indent: String) {
    path.append(entry.key)
    defer { path.removeLast() }
    text += indent + Self.key(entry.key) + ":"
    write(entry.value, indent: indent)
  }

  /// The value behind `key:` or `-`, with the line's end.
  private mutating func write(_ node: FileNode, indent: String) {
    switch node.content {
    case .scalar(let scalar): write(scalar, indent: indent)
    case .list(let items):
      if items.isEmpty {
        text += " []\n"
        return
      }
      text += "\n"
      for item in items {
        text += indent + "  -"
        path.append("-")
        write(item, indent: indent + "  ")
        path.removeLast()
      }
    case .map(let entries):
      if entries.isEmpty {
        text += " {}\n"
        return
      }
      // In a list the first key shares the line of the dash.
      let isItem = path.last == "-"
      text += isItem ? " " : "\n"
      for (index, entry) in entries.enumerated() {
        if isItem, index == 0 {
          path.append(entry.key)
          text += Self.key(entry.key) + ":"
          write(entry.value, indent: indent + "  ")
          path.removeLast()
        } else {
          write(entry, indent: indent + "  ")
        }
      }
    }
  }

  private mutating func write(_ scalar: FileNode.Scalar, indent: String) {
    if scalar.isAbsent {
      text += "\n"
      return
    }
    let shown = isProgram ? scalar.written : Interpolation.escaped(scalar.text)
    if isProgram || shown.contains("\n"), Self.fitsBlock(shown) {
      text += " |" + (shown.hasSuffix("\n") ? "" : "-") + "\n"
      let lines = shown.split(separator: "\n", omittingEmptySubsequences: false)
      for line in shown.hasSuffix("\n") ? lines.dropLast() : lines {
        text += line.isEmpty ? "\n" : indent + "  " + line + "\n"
      }
    } else if scalar.isPlain, Self.fitsPlain(shown) {
      text += " " + shown + "\n"
    } else {
      text += " " + JSONText.string(shown) + "\n"
    }
  }

  /// jq programs: the places that interpolation leaves alone.
  private var isProgram: Bool {
    if path.count == 3, path[0] == "stages", path[2] == "key" { return true }
    guard path.count >= 5, path[0] == "stages", path[2] == "steps", path[3] == "-" else { return false }
    return path.count == 5 && (path[4] == "filter" || path[4] == "map")
      || path.count == 6 && path[4] == "lookup" && path[5] == "key"
  }

  private static func key(_ key: String) -> String {
    fitsPlain(key) && key != "<<" ? key : JSONText.string(key)
  }

  /// Texts that need no quotes: few characters, for no doubt about the rest.
  private static func fitsPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, text != "-", text != "---", text != "..." else { return false }
    guard isWordByte(first) || text.hasPrefix("./") || text.hasPrefix("-") && text.utf8.count > 1 else {
      return false
    }
    return text.utf8.allSatisfy { isWordByte($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "/"), UInt8(ascii: "+"):
      true
    default: false
    }
  }

  /// Whether a literal block gives the text back: it begins with text, and ends with at most one line feed.
  private static func fitsBlock(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, first != " ", first != "\n", first != "\t" else {
      return false
    }
    guard !text.hasSuffix("\n\n"), text != "\n" else { return false }
    return text.unicodeScalars.allSatisfy { scalar in
      scalar == "\n" || scalar == "\t"
        || scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && scalar.value != 0x2028
          && scalar.value != 0x2029 && scalar.value != 0xFEFF && !(0xFFFE...0xFFFF).contains(scalar.value)
    }
  }
}
