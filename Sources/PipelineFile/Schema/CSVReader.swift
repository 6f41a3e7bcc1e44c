/// Reads the options of `csv:`.
struct CSVReader {
  let reading: Reading
  let role: FormatReader.Role

  /// Commas, or tabs for `.tsv`.
  static func standard(for path: String?) -> CSVOptions {
    let isTabbed = path?.lowercased().hasSuffix(".tsv") ?? false
    return CSVOptions(delimiter: UInt8(ascii: isTabbed ? "\t" : ","))
  }

  func read(_ node: FileNode, path: String?, owner: String) -> FileFormat? {
    let known =
      switch role {
      case .source: ["delimiter", "nulls", "infer", "types", "ragged", "headers"]
      case .table: ["delimiter", "nulls", "infer", "types", "ragged"]
      case .sink: ["delimiter", "nulls", "columns"]
      }
    guard let fields = Fields(node, owner: owner, known: known, optional: true, reading: reading) else {
      return nil
    }
    var options = Self.standard(for: path)
    let shown = options.delimiter == UInt8(ascii: "\t") ? "tab" : ","
    options.delimiter = reading.value(
      fields, "delimiter", default: options.delimiter, shown: shown, delimiter)
    options.nulls = nulls(fields) ?? options.nulls
    if role == .sink {
      options.columns = columns(fields)
      return .csv(options)
    }
    options.infer = reading.value(fields, "infer", default: true, shown: "true", Scalars.boolean)
    options.types = types(fields)
    options.ragged = reading.value(fields, "ragged", default: .fail, shown: "fail") {
      text throws(ScalarProblem) in try Scalars.choice(text, of: CSVOptions.Ragged.self)
    }
    if role == .source {
      options.headers = reading.value(fields, "headers", default: .same, shown: "same") {
        text throws(ScalarProblem) in try Scalars.choice(text, of: CSVOptions.Headers.self)
      }
    }
    return .csv(options)
  }

  private func delimiter(_ text: String) throws(ScalarProblem) -> UInt8 {
    if text == "tab" { return UInt8(ascii: "\t") }
    guard text.utf8.count == 1, let byte = text.utf8.first else {
      throw ScalarProblem("\(quoted(text)) is not one byte", "write one such as ';' in quotes, or tab")
    }
    guard byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") else {
      throw ScalarProblem(
        "\(quoted(text)) has another meaning in csv", "write one such as ';' in quotes, or tab")
    }
    return byte
  }

  private func nulls(_ fields: Fields) -> [String]? {
    guard let node = fields["nulls"] else {
      reading.note(fields.owner, "nulls", "[\"\"]")
      return nil
    }
    guard let items = reading.list(node, "'nulls'") else { return nil }
    if role == .sink, items.isEmpty {
      reading.error("'nulls' is an empty list", "name what is written for null", at: node.place)
      return nil
    }
    return items.compactMap { reading.text($0, "an item of 'nulls'") }
  }

  private func columns(_ fields: Fields) -> [String]? {
    guard let node = fields["columns"] else {
      reading.note(fields.owner, "columns", "those of the first record")
      return nil
    }
    guard let items = reading.list(node, "'columns'") else { return nil }
    if items.isEmpty { reading.error("'columns' is an empty list", "name the columns", at: node.place) }
    var columns: [String] = []
    for item in items {
      guard let column = reading.text(item, "an item of 'columns'") else { continue }
      if columns.contains(column) {
        reading.error("'columns' names \(quoted(column)) twice", "name it once", at: item.place)
      } else {
        columns.append(column)
      }
    }
    return columns
  }

  private func types(_ fields: Fields) -> [CSVOptions.ColumnType] {
    guard let node = fields["types"] else { return [] }
    guard let entries = node.entries else {
      reading.error(
        "'types' must be a mapping, and this is \(node.kind)", "write '{ column: text }'", at: node.place)
      return []
    }
    return entries.compactMap { entry in
      let type = reading.value(entry.value, "the type of \(quoted(entry.key))") {
        text throws(ScalarProblem) in
        try Scalars.choice(text, of: CSVOptions.CellType.self)
      }
      return type.map { .init(column: entry.key, type: $0) }
    }
  }
}
