/// The file's values with every reference replaced; jq programs stay as they are written.
struct InterpolatedFile {
  let root: FileNode
  let variables: Variables

  init(_ file: FileNode, environment: [String: String], complaints: Complaints) {
    let first = Interpolation(environment: environment, variables: nil, complaints: complaints)
    let vars = (file.entry("vars")?.value).map(first.apply(to:))
    variables = Variables(vars, complaints: complaints)
    let rest = Interpolation(environment: environment, variables: variables, complaints: complaints)
    var entries: [FileNode.Entry] = []
    for var entry in file.entries ?? [] where !entry.key.hasPrefix("x-") {
      switch entry.key {
      case "vars": entry.value = vars ?? entry.value
      case "stages": entry.value = Self.stages(entry.value, rest)
      default: entry.value = rest.apply(to: entry.value)
      }
      entries.append(entry)
    }
    root = FileNode(content: .map(entries), place: file.place)
  }

  private static func stages(_ node: FileNode, _ interpolation: Interpolation) -> FileNode {
    mapping(node) { _, stage in
      mapping(stage) { key, value in
        if key == "key" { return value }
        guard key == "steps", case .list(let steps) = value.content else {
          return interpolation.apply(to: value)
        }
        return FileNode(content: .list(steps.map { step($0, interpolation) }), place: value.place)
      }
    }
  }

  private static func step(_ node: FileNode, _ interpolation: Interpolation) -> FileNode {
    mapping(node) { key, value in
      switch key {
      case "filter", "map": value
      case "lookup": mapping(value) { key, value in key == "key" ? value : interpolation.apply(to: value) }
      default: interpolation.apply(to: value)
      }
    }
  }

  /// Changes the values of a mapping; what is none stays, for the schema to complain of.
  private static func mapping(_ node: FileNode, _ change: (String, FileNode) -> FileNode) -> FileNode {
    guard let entries = node.entries else { return node }
    return FileNode(
      content: .map(
        entries.map { .init(key: $0.key, keyPlace: $0.keyPlace, value: change($0.key, $0.value)) }),
      place: node.place)
  }
}
