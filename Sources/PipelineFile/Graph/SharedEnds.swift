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

  /// What one sink writes.
  private struct Output {
    var owner: String
    /// A database has files beside it.
    var names: [OutputNames]
    var table: String?
    var shown: String

    func isApart(from other: Output) -> Bool {
      guard let table, let theirs = other.table, names == other.names else { return false }
      return !SQLiteSinkReader.isSame(table, theirs)
    }

    func shared(with other: Output) -> String? {
      names.lazy.flatMap { own in other.names.lazy.compactMap { own.shared(with: $0) } }.first
    }
  }

  private func checkFiles(_ drafts: [StageDraft]) {
    var outputs: [Output] = []
    let inputs = inputs(drafts)
    for draft in drafts {
      guard case .sink(let sink) = draft.work, let output = output(of: draft, sink.target) else { continue }
      let place = draft.workPlace ?? draft.place
      let earlier = outputs.lazy.filter { !$0.isApart(from: output) }
        .compactMap { other in output.shared(with: other).map { (other, $0) } }.first
      if let (other, path) = earlier {
        let isOne = output.names.count > 1 || output.names[0].isSingle && other.names[0].isSingle
        let shown = quoted(isOne ? output.shown : reading.folders.shown(path))
        let what = output.table.flatMap { other.table == nil ? nil : "table \(quoted($0)) of \(shown)" }
        reading.error(
          "\(other.owner) writes \(what ?? shown) already", "let one sink follow both: 'from: [a, b]'",
          at: place)
      } else {
        outputs.append(output)
      }
      let status = output.names[0].isSingle ? FileStatus(output.names[0].path()) : nil
      for (input, owner) in inputs {
        let isSame = status.map { input.device == $0.device && input.inode == $0.inode } ?? false
        let path = Folders.resolved(input.path)
        guard isSame || output.names.contains(where: { $0.contains(path) }) else { continue }
        let shown = output.names[0].isSingle ? output.shown : input.shown
        reading.error("\(quoted(shown)) is read by \(owner)", "write to another file", at: place)
        break
      }
    }
  }

  private func output(of draft: StageDraft, _ target: SinkPlan.Target) -> Output? {
    switch target {
    case .file(let file):
      // A family's own path is no file of it: only its folder may lie behind a link.
      let isSingle = file.names(workers: draft.workers).isSingle
      let path = isSingle ? Folders.resolved(file.path) : Folders.resolvedFolder(of: file.path)
      let names = OutputNames(path: path, workers: draft.workers, isRotated: file.rotation != nil)
      return Output(owner: draft.owner, names: [names], shown: file.shown)
    case .sqlite(let database):
      let path = Folders.resolved(database.path)
      let names = ["", "-journal", "-wal", "-shm"].map { OutputNames(path: path + $0) }
      return Output(owner: draft.owner, names: names, table: database.table, shown: database.shown)
    case .standardOutput, .discard, .user: return nil
    }
  }

  private func inputs(_ drafts: [StageDraft]) -> [(file: InputFile, owner: String)] {
    var result: [(file: InputFile, owner: String)] = []
    for draft in drafts {
      switch draft.work {
      case .source(let source): result += source.files.map { ($0, draft.owner) }
      case .steps(let steps):
        for case .lookup(let lookup) in steps { result.append((lookup.table, draft.owner)) }
      case .userSource, .custody, .sink, .letters, .deadLetters, nil: break
      }
    }
    return result
  }
}
