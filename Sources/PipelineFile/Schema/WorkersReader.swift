/// Reads what several workers share the work by: `workers` and `key`.
struct WorkersReader {
  let reading: Reading
  static let keys = ["workers", "key"]

  /// The stage's work has been read.
  func read(_ fields: Fields, _ draft: inout StageDraft) {
    guard let entry = fields.entry("workers") else {
      reading.note(fields.owner, "workers", "1")
      readKey(fields, &draft, workers: 1)
      return
    }
    let workers = reading.value(entry.value, "'workers'") { text throws(ScalarProblem) in
      try Scalars.integer(text, in: 1...256)
    }
    draft.workers = workers ?? 1
    if draft.workers > 1 { checkLimit(draft, at: entry.value.place) }
    readKey(fields, &draft, workers: workers)
    if draft.workers > 1 { checkState(draft, at: entry.value.place, hasKey: fields.entry("key") != nil) }
  }

  private func checkState(_ draft: StageDraft, at place: Place, hasKey: Bool) {
    guard case .custody(let use) = draft.work, !hasKey else { return }
    reading.error(
      "\(quoted(use.name)) keeps state, and what its workers know must not depend on which of them is free",
      "add 'key: .field', which decides who gets a record, or remove 'workers'", at: place)
  }

  /// `workers` is nil if it is not known.
  private func readKey(_ fields: Fields, _ draft: inout StageDraft, workers: Int?) {
    guard let entry = fields.entry("key") else { return }
    if draft.kind == .source { return reading.refuse(entry, isFor: "stages with 'steps' and sinks", draft) }
    draft.key = JQReader(reading: reading).read(entry.value, key: "key")
    guard workers == 1, draft.kind != nil else { return }
    let remedy = Self.hasOneWorker(draft.work) ? "remove it" : "write 'workers: 2' or more, or remove it"
    reading.error(
      "'key' decides which worker gets a record, and \(draft.owner) has one", remedy, at: entry.keyPlace)
  }

  private func checkLimit(_ draft: StageDraft, at place: Place) {
    switch draft.work {
    case .source(let source) where source.pattern == "-":
      reading.error("standard input is read by one worker", "remove 'workers'", at: place)
    case .source(let source) where source.follow:
      reading.error("a followed file is read by one worker", "remove 'workers'", at: place)
    case .source(let source) where source.files.count < draft.workers:
      let files = source.files.count == 1 ? "1 file" : "\(source.files.count) files"
      reading.error(
        "\(draft.owner) has \(draft.workers) workers for \(files), and each file is read by one",
        source.files.count == 1 ? "remove 'workers'" : "write at most \(source.files.count)", at: place)
    case .sink(let sink) where sink.target == .standardOutput:
      reading.error(
        "standard output is written by one worker", "remove 'workers', or write to files", at: place)
    case .sink(let sink):
      guard case .sqlite = sink.target else { return }
      reading.error(
        "a table is written by one worker, as a database has one writer at a time", "remove 'workers'",
        at: place)
    case .source, .userSource, .steps, .custody, .letters, .deadLetters, nil: return
    }
  }

  private static func hasOneWorker(_ work: StageWork?) -> Bool {
    guard case .sink(let sink) = work else { return false }
    switch sink.target {
    case .standardOutput, .sqlite: return true
    case .file, .discard, .user: return false
    }
  }
}
