/// The file's `vars`: typed, and known by name to interpolation and to jq.
struct Variables {
  private(set) var entries: [FileNode.Entry] = []

  /// Reads `vars` once its own `${...}` are replaced.
  init(_ node: FileNode?, complaints: Complaints) {
    guard let node else { return }
    guard let entries = node.entries else {
      if node.scalar?.isAbsent != true {
        complaints.error(
          "'vars' is a mapping, and this is \(node.kind)", "write 'name: value'", at: node.place)
      }
      return
    }
    for entry in entries {
      if Self.isName(entry.key) {
        self.entries.append(entry)
      } else {
        complaints.error(
          "\(quoted(entry.key)) is no name of a variable",
          "write letters, digits and '_', as for jq's $vars.name",
          at: entry.keyPlace)
      }
    }
  }

  var plan: [Plan.Variable] {
    entries.map { Plan.Variable(name: $0.key, json: Self.json($0.value)) }
  }

  /// A plain scalar that JSON reads as a number, a boolean or null is one; all else is text.
  static func json(_ node: FileNode) -> String {
    switch node.content {
    case .scalar(let scalar):
      if scalar.isAbsent { return "null" }
      let isTyped = scalar.isPlain && (isWord(scalar.text) || JSONText.isNumber(scalar.text))
      return isTyped ? scalar.text : JSONText.string(scalar.text)
    case .list(let items):
      return "[" + items.map(json).joined(separator: ",") + "]"
    case .map(let entries):
      return "{" + entries.map { JSONText.string($0.key) + ":" + json($0.value) }.joined(separator: ",") + "}"
    }
  }

  static func isNull(_ scalar: FileNode.Scalar) -> Bool {
    scalar.isPlain && (scalar.isAbsent || scalar.text == "null")
  }

  private static func isWord(_ text: String) -> Bool { text == "true" || text == "false" || text == "null" }

  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }
}
