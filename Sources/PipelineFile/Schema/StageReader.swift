/// Reads one entry of `stages`.
struct StageReader {
  let reading: Reading
  static let keys =
    ["from", "source", "steps", "sink"] + WorkersReader.keys + ["order", "start_method", "restart"]
    + ErrorsReader.keys + LimitsReader.keys

  func read(_ entry: FileNode.Entry) -> StageDraft {
    var draft = StageDraft(name: entry.key, place: entry.keyPlace)
    do throws(ScalarProblem) {
      _ = try Scalars.name(entry.key)
    } catch {
      reading.error("the stage's name: \(error.message)", error.remedy, at: entry.keyPlace)
    }
    if entry.key == DeadLetterPlan.stageName {
      reading.error(
        "the stage's name: '\(entry.key)' is that of the stage which every pipeline has for dead letters",
        "choose another", at: entry.keyPlace)
    }
    guard let fields = Fields(entry.value, owner: draft.owner, known: Self.keys, reading: reading) else {
      return draft
    }
    readFrom(fields, &draft)
    readWork(fields, &draft)
    WorkersReader(reading: reading).read(fields, &draft)
    readOrder(fields, &draft)
    draft.requested = reading.value(fields, "start_method", default: .auto, shown: "auto") {
      text throws(ScalarProblem) in try Scalars.choice(text, of: StartMethodChoice.self)
    }
    draft.requestedPlace = fields["start_method"]?.place
    if let closure = draft.needsFork, draft.requested == .spawn || draft.requested == .forkserver {
      reading.error(
        "\(quoted(closure.name)) is a closure, which only a fork takes along",
        "remove 'start_method', or register a type instead of the closure",
        at: draft.requestedPlace ?? draft.place)
    }
    if let restart = fields["restart"] {
      draft.restart = RestartReader(reading: reading).read(restart, owner: draft.owner)
    } else {
      reading.note(draft.owner, "restart", RestartReader.shown(.standard))
    }
    draft.errors = ErrorsReader(reading: reading).read(fields, draft)
    draft.limits = LimitsReader(reading: reading).read(fields, draft)
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
      case "source": draft.work = SourceReader(reading: reading).read(entry, &draft)
      case "steps": draft.work = StepsReader(reading: reading).read(entry.value, &draft)
      default: draft.work = SinkReader(reading: reading).read(entry, &draft).map(StageWork.sink)
      }
    }
  }

  private func readOrder(_ fields: Fields, _ draft: inout StageDraft) {
    guard let entry = fields.entry("order") else { return }
    if draft.kind != .sink { return reading.refuse(entry, isFor: "sinks", draft) }
    draft.orderPlace = entry.value.place
    let order = reading.value(entry.value, "'order'") { text throws(ScalarProblem) in
      try Scalars.choice(text, of: SinkPlan.Order.self)
    }
    guard let order, case .sink(var sink) = draft.work else { return }
    sink.order = order
    draft.work = .sink(sink)
  }
}
