/// Reads `sqlite` of a sink: a path, or a mapping with options.
struct SQLiteSinkReader {
  let reading: Reading

  func read(_ node: FileNode, _ draft: inout StageDraft) -> SinkPlan? {
    let owner = "'sqlite' of \(draft.owner)"
    var node = node
    if node.scalar != nil {
      let path = FileNode.Entry(key: "path", keyPlace: node.place, value: node)
      node = FileNode(content: .map([path]), place: node.place)
    }
    let known = ["path", "table", "key", "columns", "existing"]
    guard let fields = Fields(node, owner: owner, known: known, reading: reading) else { return nil }
    guard let pathNode = fields["path"] else {
      reading.error("\(owner) has no path", "write 'path: ...' in it", at: node.place)
      return nil
    }
    let place = pathNode.place
    draft.workPlace = place
    let path = path(pathNode)
    let standard = Self.identifier(draft.name)
    let table = reading.value(fields, "table", default: standard, shown: standard, table)
    let columns = columns(fields)
    let key = key(fields, columns: columns)
    let existing = reading.value(fields, "existing", default: .own, shown: "own") {
      text throws(ScalarProblem) in try Scalars.choice(text, of: SinkPlan.Existing.self)
    }
    guard let path else { return nil }
    let target = SQLiteTarget(
      path: path, shown: reading.folders.shown(path), table: table, key: key, columns: columns,
      existing: existing)
    return SinkPlan(target: .sqlite(target), format: .jsonLines, position: place.position)
  }

  private func path(_ node: FileNode) -> String? {
    guard let path = reading.filledText(node, "'path'") else { return nil }
    if path == "-" || path == ":memory:" || path.hasPrefix("file:") {
      reading.error("\(quoted(path)) is no path of a database", "name a file, such as out.db", at: node.place)
      return nil
    }
    return OutputPath(reading: reading).check(path, at: node.place)
  }

  private func table(_ text: String) throws(ScalarProblem) -> String {
    if text.isEmpty || text.utf8.contains(0) {
      throw ScalarProblem("\(quoted(text)) is no name of a table", "write one such as flights")
    }
    if text.lowercased().hasPrefix("sqlite_") {
      throw ScalarProblem("\(quoted(text)) is a name that SQLite keeps for itself", "choose another")
    }
    return text
  }

  /// Letters, digits and `_`: a name that SQL takes without quotes.
  static func identifier(_ name: String) -> String {
    let plain = String(name.map { $0 == "-" ? "_" : $0 })
    let isNumbered = plain.first.map { $0.isNumber } ?? true
    return isNumbered || plain.hasPrefix("sqlite_") ? "t_" + plain : plain
  }

  private func columns(_ fields: Fields) -> [SQLiteTarget.Column]? {
    guard let node = fields["columns"] else {
      reading.note(fields.owner, "columns", "those of the first record")
      return nil
    }
    var columns: [SQLiteTarget.Column] = []
    func add(_ name: String, _ type: SQLiteTarget.ColumnType, at place: Place) {
      if name.isEmpty || name.utf8.contains(0) {
        reading.error("\(quoted(name)) is no name of a column", "write one", at: place)
      } else if let same = columns.first(where: { Self.isSame($0.name, name) }) {
        let which = same.name == name ? "" : ", as SQLite does not tell capitals"
        reading.error("'columns' names \(quoted(name)) twice\(which)", "name it once", at: place)
      } else {
        columns.append(.init(name: name, type: type))
      }
    }
    switch node.content {
    case .map(let entries):
      for entry in entries {
        let type = reading.value(entry.value, "the type of \(quoted(entry.key))") {
          text throws(ScalarProblem) in try Scalars.choice(text, of: SQLiteTarget.ColumnType.self)
        }
        add(entry.key, type ?? .any, at: entry.keyPlace)
      }
    case .list(let items):
      for item in items {
        if let name = reading.text(item, "an item of 'columns'") { add(name, .any, at: item.place) }
      }
    case .scalar:
      reading.error(
        "'columns' must be a mapping or a list, and this is \(node.kind)",
        "write '{ carrier: text }' or '[carrier]'", at: node.place)
      return nil
    }
    if columns.isEmpty, !reading.complaints.hasErrors {
      reading.error("'columns' names none", "name the columns", at: node.place)
    }
    return columns
  }

  private func key(_ fields: Fields, columns: [SQLiteTarget.Column]?) -> [String] {
    guard let node = fields["key"] else {
      reading.note(fields.owner, "key", "none: every record is a row")
      return []
    }
    let items: [FileNode]
    if case .list(let list) = node.content { items = list } else { items = [node] }
    if items.isEmpty { reading.error("'key' is an empty list", "name a column", at: node.place) }
    var key: [String] = []
    for item in items {
      guard let name = reading.filledText(item, "'key'") else { continue }
      if key.contains(where: { Self.isSame($0, name) }) {
        reading.error("'key' names \(quoted(name)) twice", "name it once", at: item.place)
      } else if let columns, !columns.contains(where: { $0.name == name }) {
        let hint = nearest(to: name, among: columns.map(\.name)).map { "did you mean \(quoted($0))? " } ?? ""
        reading.error(
          "'key' names \(quoted(name)), which is none of the columns",
          "\(hint)columns: \(columns.map(\.name).joined(separator: ", "))", at: item.place)
      } else {
        key.append(name)
      }
    }
    return key
  }

  /// Names that SQLite takes for one: it does not tell the capitals of ASCII.
  static func isSame(_ left: String, _ right: String) -> Bool { folded(left) == folded(right) }

  private static func folded(_ name: String) -> [UInt8] {
    name.utf8.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
  }
}
