/// Reads a `lookup` step.
struct LookupReader {
  let reading: Reading

  func read(_ entry: FileNode.Entry, owner step: String) -> LookupPlan? {
    let owner = "'lookup' in \(step)"
    let known = ["table", "key", "as", "missing", "table_key"] + FormatReader.keys
    guard let fields = Fields(entry.value, owner: owner, known: known, reading: reading) else { return nil }
    let table = table(fields)
    let key = required(fields, "key").flatMap { JQReader(reading: reading).read($0, key: "key") }
    let field = required(fields, "as").flatMap { reading.filledText($0, "'as'") }
    let missing = missing(fields)
    let tableKey = tableKey(fields, key: key)
    guard let table, let key, let field, let missing, let tableKey else { return nil }
    return LookupPlan(
      table: table.file, format: table.format, key: key, tableKey: tableKey, field: field, missing: missing,
      position: entry.keyPlace.position)
  }

  private func required(_ fields: Fields, _ key: String) -> FileNode? {
    if let node = fields[key] { return node }
    reading.error("\(fields.owner) has no '\(key)'", "add '\(key): ...'", at: fields.place)
    return nil
  }

  private func table(_ fields: Fields) -> (file: InputFile, format: FileFormat)? {
    guard let node = required(fields, "table"), let path = reading.filledText(node, "'table'") else {
      return nil
    }
    if path == "-" {
      reading.error("a table cannot be read from standard input", "write it to a file", at: node.place)
      return nil
    }
    let format = FormatReader(reading: reading, role: .table).read(fields, path: path, at: node.place)
    guard let file = InputFiles(reading: reading).one(path, at: node.place), let format else { return nil }
    return (file, format)
  }

  private func missing(_ fields: Fields) -> LookupPlan.Missing? {
    guard let node = fields["missing"] else {
      reading.note(fields.owner, "missing", "fail")
      return .fail
    }
    return reading.value(node, "'missing'") { text throws(ScalarProblem) in
      try Scalars.choice(text, of: LookupPlan.Missing.self)
    }
  }

  /// As written, or the name in a key that is a plain `.name`.
  private func tableKey(_ fields: Fields, key: JQPlan?) -> String? {
    if let node = fields["table_key"] { return reading.filledText(node, "'table_key'") }
    guard let key else { return nil }
    let program = key.program.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if program.hasPrefix("."), Variables.isName(String(program.dropFirst())) {
      let name = String(program.dropFirst())
      reading.note(fields.owner, "table_key", name)
      return name
    }
    reading.error(
      "the key is no plain '.name', so the table's column is open", "add 'table_key: ...'",
      at: fields["key"]?.place ?? fields.place)
    return nil
  }
}
