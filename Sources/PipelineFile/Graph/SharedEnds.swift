/// Checks what sources and sinks may not share: standard input and output, and files.
struct SharedEnds {
  let reading: Reading

  func check(_ drafts: [StageDraft]) {
    checkStandardInput(drafts)
    checkStandardOutput(drafts)
    checkFiles(drafts)
  }

  private func checkStandardInput(_ drafts: [StageDraft]) {
    var first: StageDraft?
    for draft in drafts {
      guard case .source(let source) = draft.work, source.pattern == "-" else { continue }
      guard let earlier = first else {
        first = draft
        continue
      }
      reading.error(
        "\(earlier.owner) reads standard input already", "read it once, and let both follow that stage",
        at: draft.workPlace ?? draft.place)
    }
  }

  private func checkStandardOutput(_ drafts: [StageDraft]) {
    var first: StageDraft?
    for draft in drafts {
      guard case .sink(let sink) = draft.work, sink.target == .standardOutput else { continue }
      guard let earlier = first else {
        first = draft
        continue
      }
      reading.error(
        "\(earlier.owner) writes to standard output already", "let one sink follow both: 'from: [a, b]'",
        at: draft.workPlace ?? draft.place)
    }
  }

  private func checkFiles(_ drafts: [StageDraft]) {
    var outputs: [(path: String, owner: String)] = []
    for draft in drafts {
      guard case .sink(let sink) = draft.work, case .file(let file) = sink.target else { continue }
      let (path, shown) = (file.path, file.shown)
      let place = draft.workPlace ?? draft.place
      let resolved = Folders.resolved(path)
      if let earlier = outputs.first(where: { $0.path == resolved }) {
        reading.error(
          "\(earlier.owner) writes \(quoted(shown)) already", "let one sink follow both: 'from: [a, b]'",
          at: place)
      } else {
        outputs.append((resolved, draft.owner))
      }
      guard let status = FileStatus(path) else { continue }
      for (input, owner) in inputs(drafts)
      where input.device == status.device && input.inode == status.inode {
        reading.error("\(quoted(shown)) is read by \(owner)", "write to another file", at: place)
        break
      }
    }
  }

  private func inputs(_ drafts: [StageDraft]) -> [(file: InputFile, owner: String)] {
    var result: [(file: InputFile, owner: String)] = []
    for draft in drafts {
      switch draft.work {
      case .source(let source): result += source.files.map { ($0, draft.owner) }
      case .steps(let steps):
        for case .lookup(let lookup) in steps { result.append((lookup.table, draft.owner)) }
      case .sink, .deadLetters, nil: break
      }
    }
    return result
  }
}
