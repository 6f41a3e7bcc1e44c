/// Reads `sink`.
struct SinkReader {
  let reading: Reading

  func read(_ entry: FileNode.Entry, _ draft: inout StageDraft) -> SinkPlan? {
    let owner = "'sink' of \(draft.owner)"
    let node = entry.value
    draft.workPlace = node.place
    if let scalar = node.scalar, !scalar.isAbsent {
      guard scalar.text == "stdout" else {
        reading.error(
          "\(quoted(scalar.text)) is no sink", "write 'stdout', or '{ file: \(scalar.text) }'", at: node.place
        )
        return nil
      }
      reading.note(owner, "format", "jsonl")
      return SinkPlan(target: .standardOutput, format: .jsonLines, position: node.place.position)
    }
    let known = ["file", "stdout"]
    guard let fields = Fields(node, owner: owner, known: known, reading: reading) else { return nil }
    let present = fields.present(known)
    guard let target = present.first else {
      if fields.keys.isEmpty {
        reading.error("\(owner) is empty", "write '{ file: path }' or 'stdout'", at: node.place)
      }
      return nil
    }
    guard present.count == 1 else {
      reading.error("\(owner) has both 'file' and 'stdout'", "make two sinks of it", at: present[1].keyPlace)
      return nil
    }
    return target.key == "file" ? readFile(target.value, &draft) : readStandardOutput(target.value, draft)
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
    guard let options = FileOptions(node, owner: owner, extra: ["existing"], reading: reading) else {
      return nil
    }
    let place = options.path.place
    draft.workPlace = place
    let existing = reading.value(options.fields, "existing", default: .own, shown: "own") {
      text throws(ScalarProblem) in try Scalars.choice(text, of: SinkPlan.Existing.self)
    }
    guard let path = reading.filledText(options.path, "'path'") else { return nil }
    if path == "-" {
      reading.error("'-' is no path of a sink", "write 'sink: stdout'", at: place)
      return nil
    }
    let format = FormatReader(reading: reading, role: .sink).read(options.fields, path: path, at: place)
    guard let absolute = OutputPath(reading: reading).check(path, at: place), let format else { return nil }
    let target = SinkPlan.Target.file(
      FileTarget(path: absolute, shown: reading.folders.shown(absolute), existing: existing))
    return SinkPlan(target: target, format: format, position: place.position)
  }
}
