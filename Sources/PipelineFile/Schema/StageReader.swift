/// Reads one entry of `stages`.
struct StageReader {
  let reading: Reading
  static let keys = ["from", "source", "steps", "sink", "workers", "start_method", "restart", "on_error"]

  func read(_ entry: FileNode.Entry) -> StageDraft {
    var draft = StageDraft(name: entry.key, place: entry.keyPlace)
    do throws(ScalarProblem) {
      _ = try Scalars.name(entry.key)
    } catch {
      reading.error("the stage's name: \(error.message)", error.remedy, at: entry.keyPlace)
    }
    guard let fields = Fields(entry.value, owner: draft.owner, known: Self.keys, reading: reading) else {
      return draft
    }
    readFrom(fields, &draft)
    readWork(fields, &draft)
    readWorkers(fields, &draft)
    draft.requested = reading.value(fields, "start_method", default: .auto, shown: "auto") {
      text throws(ScalarProblem) in try Scalars.choice(text, of: StartMethodChoice.self)
    }
    draft.requestedPlace = fields["start_method"]?.place
    if let restart = fields["restart"] {
      draft.restart = RestartReader(reading: reading).read(restart, owner: draft.owner)
    } else {
      reading.note(draft.owner, "restart", RestartReader.shown(.standard))
    }
    readOnError(fields)
    return draft
  }

  private func readFrom(_ fields: Fields, _ draft: inout StageDraft) {
    guard let entry = fields.entry("from") else { return }
    draft.fromPlace = entry.keyPlace
    let items: [FileNode]
    if case .list(let list) = entry.value.content { items = list } else { items = [entry.value] }
    if items.isEmpty { reading.error("'from' is an empty list", "name a stage", at: entry.value.place) }
    var from: [StageDraft.Upstream] = []
    for item in items {
      guard let name = reading.text(item, "'from'") else { continue }
      if from.contains(where: { $0.name == name }) {
        reading.error("'from' names \(quoted(name)) twice", "name it once", at: item.place)
      } else {
        from.append(.init(name: name, place: item.place))
      }
    }
    draft.from = from
  }

  private func readWork(_ fields: Fields, _ draft: inout StageDraft) {
    let present = fields.present(["source", "steps", "sink"])
    guard let first = present.first else {
      reading.error(
        "\(draft.owner) does nothing", "give it one of 'source', 'steps' and 'sink'", at: draft.place)
      return
    }
    for other in present.dropFirst() {
      reading.error(
        "\(draft.owner) has both '\(first.key)' and '\(other.key)'", "make two stages of it",
        at: other.keyPlace)
    }
    if present.count == 1 { draft.kind = StageDraft.Kind(rawValue: first.key) }
    for entry in present {
      // Of several works none is kept, so that no complaint follows from the one that was not meant.
      defer { if draft.kind == nil { draft.work = nil } }
      switch entry.key {
      case "source": draft.work = FileSourceReader(reading: reading).read(entry, &draft).map(StageWork.source)
      case "steps": draft.work = StepsReader(reading: reading).read(entry.value, draft).map(StageWork.steps)
      default: draft.work = SinkReader(reading: reading).read(entry, &draft).map(StageWork.sink)
      }
    }
  }

  private func readWorkers(_ fields: Fields, _ draft: inout StageDraft) {
    draft.workers = reading.value(fields, "workers", default: 1, shown: "1") { text throws(ScalarProblem) in
      try Scalars.integer(text, in: 1...256)
    }
    guard draft.workers > 1, let kind = draft.kind, kind != .steps, let node = fields["workers"] else {
      return
    }
    reading.error(
      "a \(kind.rawValue) has one worker in this version", "give the workers to a stage with 'steps'",
      at: node.place)
  }

  private func readOnError(_ fields: Fields) {
    guard let node = fields["on_error"] else {
      reading.note(fields.owner, "on_error", "fail")
      return
    }
    guard let text = reading.text(node, "'on_error'"), text != "fail" else { return }
    if text == "dead-letter" || text == "drop" {
      reading.error("'on_error: \(text)' is not available in this version", "write fail", at: node.place)
    } else {
      reading.error("'on_error': \(quoted(text)) is not one of the choices", "write fail", at: node.place)
    }
  }
}
