/// Reads an `exec` step.
struct ExecReader {
  let reading: Reading

  func read(_ entry: FileNode.Entry, owner step: String) -> ExecPlan? {
    let owner = "'exec' in \(step)"
    let known = ["command", "shell", "per"]
    guard let fields = Fields(entry.value, owner: owner, known: known, reading: reading) else { return nil }
    let shell = reading.value(fields, "shell", default: false, shown: "false", Scalars.boolean)
    let per = reading.value(fields, "per", default: .line, shown: "line") {
      text throws(ScalarProblem) in try Scalars.choice(text, of: ExecPlan.Unit.self)
    }
    guard let node = fields["command"] else {
      reading.error("\(owner) has no 'command'", "add 'command: [program, argument]'", at: fields.place)
      return nil
    }
    guard let items = reading.list(node, "'command'") else { return nil }
    let command = items.compactMap { reading.filledText($0, "'command'") }
    guard command.count == items.count, !command.isEmpty else { return nil }
    return ExecPlan(command: command, shell: shell, per: per, position: entry.keyPlace.position)
  }
}
