/// Reads an `exec` step.
struct ExecReader {
  let reading: Reading
  static let keys = [
    "command", "shell", "per", "input", "output", "columns", "deadline", "window", "restart", "env", "cwd",
  ]

  func read(_ entry: FileNode.Entry, owner step: String) -> ExecPlan? {
    let owner = "'exec' in \(step)"
    guard let fields = Fields(entry.value, owner: owner, known: Self.keys, reading: reading) else {
      return nil
    }
    let shell = reading.value(fields, "shell", default: false, shown: "false", Scalars.boolean)
    let per = reading.value(fields, "per", default: .line, shown: "line") {
      text throws(ScalarProblem) in try Scalars.choice(text, of: ExecPlan.Unit.self)
    }
    let environment = environment(fields)
    let folder = folder(fields)
    let command = command(fields, shell: shell)
    let search =
      environment.last { $0.name == "PATH" }?.value ?? reading.environment["PATH"] ?? "/usr/bin:/bin"
    let program = command.flatMap { command in
      shell
        ? "/bin/sh"
        : ProgramPath(reading: reading, search: search).find(command.words[0], at: command.place)
    }
    let forms = forms(fields)
    let columns = columns(fields, input: forms.input)
    let deadline = deadline(fields, per: per)
    let window = window(fields, per: per)
    let restart = restart(fields)
    guard let command, let program, let folder else { return nil }
    return ExecPlan(
      command: command.words, shell: shell, per: per, input: forms.input, output: forms.output,
      columns: columns, deadline: deadline, window: window, restart: restart, environment: environment,
      program: program, folder: folder, position: entry.keyPlace.position)
  }

  /// The words, and where the program's name stands.
  private func command(_ fields: Fields, shell: Bool) -> (words: [String], place: Place)? {
    guard let node = fields["command"] else {
      reading.error(
        "\(fields.owner) has no 'command'",
        shell ? "add 'command: ...', one text for /bin/sh" : "add 'command: [program, argument]'",
        at: fields.place)
      return nil
    }
    if shell {
      if case .list(let items) = node.content, items.count != 1 {
        reading.error(
          "with 'shell: true' the command is one text, and this is \(node.kind)",
          "write it as /bin/sh shall read it, or remove 'shell'", at: node.place)
        return nil
      }
      let text = if case .list(let items) = node.content { items[0] } else { node }
      return reading.filledText(text, "'command'").flatMap { checked([$0], [text]) }
    }
    if let scalar = node.scalar, !scalar.isAbsent {
      let words = scalar.text.split(separator: " ").joined(separator: ", ")
      reading.error(
        "'command' is a list of the program and its arguments, and this is \(node.kind)",
        "write [\(words)], or set 'shell: true'", at: node.place)
      return nil
    }
    guard let items = reading.list(node, "'command'") else { return nil }
    guard let first = items.first else {
      reading.error("'command' is an empty list", "write [program, argument]", at: node.place)
      return nil
    }
    let words = items.enumerated().compactMap { index, item in
      index == 0 ? reading.filledText(first, "'command'") : reading.text(item, "an item of 'command'")
    }
    return words.count == items.count ? checked(words, items) : nil
  }

  /// A C string ends at its first NUL.
  private func checked(_ words: [String], _ items: [FileNode]) -> (words: [String], place: Place)? {
    for (word, item) in zip(words, items) where word.utf8.contains(0) {
      reading.error("an argument cannot hold a NUL byte", "remove it", at: item.place)
      return nil
    }
    return (words, items[0].place)
  }

  private func forms(_ fields: Fields) -> (input: ExecPlan.Input?, output: ExecPlan.Output?) {
    let input: ExecPlan.Input? = reading.value(
      fields, "input", default: nil, shown: "lines where the records are lines of text, else json"
    ) { text throws(ScalarProblem) in try Scalars.choice(text, of: ExecPlan.Input.self) }
    let shown =
      switch input {
      case nil: "json where the input is json, else lines"
      case .json: "json"
      case .csv, .lines: "lines"
      }
    let output: ExecPlan.Output? = reading.value(fields, "output", default: nil, shown: shown) {
      text throws(ScalarProblem) in try Scalars.choice(text, of: ExecPlan.Output.self)
    }
    return (input, output)
  }

  private func columns(_ fields: Fields, input: ExecPlan.Input?) -> [String]? {
    guard let entry = fields.entry("columns") else {
      if input == .csv {
        reading.note(fields.owner, "columns", "those of the records, which must be CSV rows")
      }
      return nil
    }
    guard input == .csv else {
      reading.error("'columns' are those of 'input: csv'", "write that, or remove it", at: entry.keyPlace)
      return nil
    }
    guard let items = reading.list(entry.value, "'columns'") else { return nil }
    if items.isEmpty {
      reading.error("'columns' is an empty list", "name the columns", at: entry.value.place)
    }
    var columns: [String] = []
    for item in items {
      guard let column = reading.filledText(item, "an item of 'columns'") else { continue }
      if columns.contains(column) {
        reading.error("'columns' names \(quoted(column)) twice", "name it once", at: item.place)
      }
      columns.append(column)
    }
    return columns
  }

  private func deadline(_ fields: Fields, per: ExecPlan.Unit) -> UInt64? {
    let standard = ExecPlan.standardDeadline(per: per)
    return reading.value(fields, "deadline", default: standard, shown: DurationText.format(standard)) {
      text throws(ScalarProblem) -> UInt64? in
      try text == "none" ? nil : DurationText.parsePositive(text)
    }
  }

  private func window(_ fields: Fields, per: ExecPlan.Unit) -> Int {
    let standard = ExecPlan.standardWindow
    guard per == .line else {
      if let entry = fields.entry("window") {
        reading.error(
          "'window' is for 'per: line': a process for each batch gets all of it", "remove it",
          at: entry.keyPlace)
      }
      return standard
    }
    return reading.value(fields, "window", default: standard, shown: "\(standard)") {
      text throws(ScalarProblem) in try Scalars.integer(text, in: 1...1_000_000)
    }
  }

  private func restart(_ fields: Fields) -> ExecPlan.Restart {
    var plan = ExecPlan.Restart.standard
    let owner = "'restart' of \(fields.owner)"
    guard let node = fields["restart"] else {
      reading.note(fields.owner, "restart", "at most \(plan.max) in a row, backoff \(Self.backoff(plan))")
      return plan
    }
    guard let fields = Fields(node, owner: owner, known: ["max", "backoff"], reading: reading) else {
      return plan
    }
    plan.max = reading.value(fields, "max", default: plan.max, shown: "\(plan.max)") {
      text throws(ScalarProblem) in try Scalars.integer(text, in: 0...1_000_000)
    }
    let backoff = reading.value(
      fields, "backoff", default: (plan.firstBackoff, plan.lastBackoff), shown: Self.backoff(plan)
    ) { text throws(ScalarProblem) in
      let range = try DurationText.parseRange(text)
      return (range.low, range.high)
    }
    plan.firstBackoff = backoff.0
    plan.lastBackoff = backoff.1
    return plan
  }

  private static func backoff(_ plan: ExecPlan.Restart) -> String {
    "\(DurationText.format(plan.firstBackoff))..\(DurationText.format(plan.lastBackoff))"
  }

  private func environment(_ fields: Fields) -> [ExecPlan.Variable] {
    guard let node = fields["env"] else { return [] }
    guard let entries = node.entries else {
      reading.error(
        "'env' must be a mapping, and this is \(node.kind)", "write '{ NAME: value }'", at: node.place)
      return []
    }
    return entries.compactMap { entry in
      if entry.key.isEmpty || entry.key.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "=") }) {
        reading.error(
          "\(quoted(entry.key)) is no name of an environment variable", "write one such as LANG",
          at: entry.keyPlace)
        return nil
      }
      if entry.value.scalar?.isAbsent == true { return .init(name: entry.key, value: "") }
      guard let value = reading.text(entry.value, "the variable \(quoted(entry.key))") else { return nil }
      if value.utf8.contains(0) {
        reading.error("a variable cannot hold a NUL byte", "remove it", at: entry.value.place)
        return nil
      }
      return .init(name: entry.key, value: value)
    }
  }

  private func folder(_ fields: Fields) -> String? {
    guard let node = fields["cwd"] else {
      reading.note(fields.owner, "cwd", "the folder of the pipeline file")
      return reading.folders.pipeline
    }
    guard let path = reading.filledText(node, "'cwd'") else { return nil }
    let absolute = reading.folders.absolute(path)
    switch FileStatus(absolute)?.kind {
    case .folder: return absolute
    case nil:
      reading.error(
        "the folder \(quoted(path)) does not exist",
        path.hasPrefix("/") ? "make it" : "make it; paths start at \(reading.folders.pipeline)",
        at: node.place)
    default: reading.error("\(quoted(path)) is no folder", "name a folder", at: node.place)
    }
    return nil
  }
}
