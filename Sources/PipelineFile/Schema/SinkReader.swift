/// Reads `sink`.
struct SinkReader {
  let reading: Reading

  func read(_ entry: FileNode.Entry, _ draft: inout StageDraft) -> SinkPlan? {
    let owner = "'sink' of \(draft.owner)"
    let node = entry.value
    draft.workPlace = node.place
    if let scalar = node.scalar, !scalar.isAbsent {
      switch scalar.text {
      case "stdout":
        reading.note(owner, "format", "jsonl")
        return SinkPlan(target: .standardOutput, format: .jsonLines, position: node.place.position)
      case "discard":
        return SinkPlan(target: .discard, format: .jsonLines, position: node.place.position)
      default:
        reading.error(
          "\(quoted(scalar.text)) is no sink",
          "write 'stdout', 'discard', or '{ file: \(scalar.text) }'", at: node.place)
        return nil
      }
    }
    let targets = ["file", "stdout", "sqlite", "discard", "use"]
    guard let fields = Fields(node, owner: owner, known: targets + ["with"], reading: reading) else {
      return nil
    }
    let present = fields.present(targets)
    guard let target = present.first else {
      if fields.keys.isEmpty {
        reading.error(
          "\(owner) is empty", "write '{ file: path }', '{ sqlite: path }' or 'stdout'", at: node.place)
      }
      return nil
    }
    guard present.count == 1 else {
      reading.error(
        "\(owner) has both '\(target.key)' and '\(present[1].key)'", "make two sinks of it",
        at: present[1].keyPlace)
      return nil
    }
    if let with = fields.entry("with"), target.key != "use" {
      reading.error("'with' is for 'use', and \(owner) has '\(target.key)'", "remove it", at: with.keyPlace)
    }
    switch target.key {
    case "use":
      draft.workPlace = target.value.place
      return UseReader(reading: reading).read(fields, kind: .sink, owner: owner).map {
        SinkPlan(target: .user($0.plan), format: .jsonLines, position: $0.plan.position)
      }
    case "file": return readFile(target.value, &draft)
    case "sqlite": return SQLiteSinkReader(reading: reading).read(target.value, &draft)
    case "stdout": return readStandardOutput(target.value, draft)
    default: return readDiscard(target.value, draft)
    }
  }

  private func readDiscard(_ node: FileNode, _ draft: StageDraft) -> SinkPlan? {
    let owner = "'discard' of \(draft.owner)"
    let fields = Fields(node, owner: owner, known: [], optional: true, reading: reading)
    return fields.map { _ in
      SinkPlan(target: .discard, format: .jsonLines, position: node.place.position)
    }
  }

  private func readStandardOutput(_ node: FileNode, _ draft: StageDraft) -> SinkPlan? {
    let owner = "'stdout' of \(draft.owner)"
    guard let fields = Fields(node, owner: owner, known: FormatReader.keys, optional: true, reading: reading)
    else {
      return nil
    }
    var format: FileFormat? = .jsonLines
    if fields.present(FormatReader.keys).isEmpty {
      reading.note(owner, "format", "jsonl")
    } else {
      format = FormatReader(reading: reading, role: .sink).read(fields, path: nil, at: node.place)
    }
    return format.map { SinkPlan(target: .standardOutput, format: $0, position: node.place.position) }
  }

  private func readFile(_ node: FileNode, _ draft: inout StageDraft) -> SinkPlan? {
    let owner = "'file' of \(draft.owner)"
    guard let options = FileOptions(node, owner: owner, extra: ["existing", "rotate"], reading: reading)
    else {
      return nil
    }
    let place = options.path.place
    draft.workPlace = place
    let existing = reading.value(options.fields, "existing", default: .own, shown: "own") {
      text throws(ScalarProblem) in try Scalars.choice(text, of: SinkPlan.Existing.self)
    }
    let rotation = options.fields["rotate"].flatMap {
      RotationReader(reading: reading).read($0, owner: owner)
    }
    guard let path = reading.filledText(options.path, "'path'") else { return nil }
    if path == "-" {
      reading.error("'-' is no path of a sink", "write 'sink: stdout'", at: place)
      return nil
    }
    let format = FormatReader(reading: reading, role: .sink).read(options.fields, path: path, at: place)
    guard let absolute = OutputPath(reading: reading).check(path, at: place), let format else { return nil }
    let target = SinkPlan.Target.file(
      FileTarget(
        path: absolute, shown: reading.folders.shown(absolute), existing: existing, rotation: rotation))
    return SinkPlan(target: target, format: format, position: place.position)
  }
}
