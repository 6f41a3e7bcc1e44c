/// Reads what a stage's workers may use: `memory`, `nice`, `cpus`, `files` and `recycle_after`.
struct LimitsReader {
  let reading: Reading
  static let keys = ["memory", "nice", "cpus", "files", "recycle_after"]

  /// Below it no worker can hold the batches that it works on.
  private static let leastMemory: UInt64 = 32 << 20
  private static let fewestFiles = 64

  func read(_ fields: Fields, _ draft: StageDraft) -> LimitPlan {
    var plan = LimitPlan()
    if let memory = fields["memory"] { readMemory(memory, draft, &plan) }
    if let nice = fields["nice"] {
      plan.nice = reading.value(nice, "'nice'") { text throws(ScalarProblem) in
        try Scalars.integer(text, in: -20...19)
      }
    }
    if let cpus = fields["cpus"] { plan.cpus = readProcessors(cpus) }
    if let files = fields["files"] {
      plan.files = reading.value(files, "'files'") { text throws(ScalarProblem) in
        UInt64(try Scalars.integer(text, in: Self.fewestFiles...1_048_576))
      }
    }
    if let entry = fields.entry("recycle_after") { readRecycling(entry, draft, &plan) }
    return plan
  }

  /// `512MiB`, which is the hard limit, or `{ soft: 400MiB, hard: 512MiB }`.
  private func readMemory(_ node: FileNode, _ draft: StageDraft, _ plan: inout LimitPlan) {
    if node.scalar != nil {
      plan.hardMemory = reading.value(node, "'memory'", Self.memory)
      return
    }
    let owner = "'memory' of \(draft.owner)"
    guard let fields = Fields(node, owner: owner, known: ["soft", "hard"], reading: reading) else { return }
    plan.softMemory = reading.value(fields, "soft", default: nil, shown: "none", Self.optionalMemory)
    plan.hardMemory = reading.value(fields, "hard", default: nil, shown: "none", Self.optionalMemory)
    if let soft = plan.softMemory, let hard = plan.hardMemory, soft >= hard, let place = fields["soft"]?.place
    {
      reading.error(
        "'soft' is \(SizeText.format(soft)) and 'hard' is \(SizeText.format(hard)), so the worker would be "
          + "killed before it is replaced", "write a 'soft' below 'hard'", at: place)
    }
  }

  private static func optionalMemory(_ text: String) throws(ScalarProblem) -> UInt64? { try memory(text) }

  private static func memory(_ text: String) throws(ScalarProblem) -> UInt64 {
    let size = try SizeText.parse(text)
    guard size >= leastMemory else {
      throw ScalarProblem(
        "\(quoted(text)) is less than a worker needs", "write at least \(SizeText.format(leastMemory))")
    }
    return size
  }

  /// `2`, `0-3` or `[0, 2-3]`.
  private func readProcessors(_ node: FileNode) -> [Int]? {
    let items: [FileNode]
    if case .list(let list) = node.content { items = list } else { items = [node] }
    if items.isEmpty {
      reading.error("'cpus' is an empty list", "name a processor, or leave it out", at: node.place)
    }
    var found: Set<Int> = []
    for item in items {
      guard let range = reading.value(item, "'cpus'", Self.processors) else { return nil }
      found.formUnion(range)
    }
    return found.isEmpty ? nil : found.sorted()
  }

  private static func processors(_ text: String) throws(ScalarProblem) -> ClosedRange<Int> {
    guard let dash = text.dropFirst().firstIndex(of: "-") else {
      let number = try Scalars.integer(text, in: 0...1_023)
      return number...number
    }
    let first = try Scalars.integer(String(text[..<dash]), in: 0...1_023)
    let last = try Scalars.integer(String(text[text.index(after: dash)...]), in: 0...1_023)
    guard first <= last else {
      throw ScalarProblem(
        "the range \(quoted(text)) ends before it begins", "write the lower number first")
    }
    return first...last
  }

  /// `1h`, or `{ batches: 10000, time: 1h }`: whichever comes first.
  private func readRecycling(_ entry: FileNode.Entry, _ draft: StageDraft, _ plan: inout LimitPlan) {
    if case .source(let source) = draft.work, source.files.isEmpty, !source.spool {
      return reading.error(
        "'recycle_after' ends a worker, and what \(draft.owner) reads can be read only once",
        "remove it, or set 'spool: true'", at: entry.keyPlace)
    }
    if entry.value.scalar != nil {
      plan.recycleTime = reading.value(entry.value, "'recycle_after'", DurationText.parsePositive)
      return
    }
    let owner = "'recycle_after' of \(draft.owner)"
    guard let fields = Fields(entry.value, owner: owner, known: ["batches", "time"], reading: reading) else {
      return
    }
    if let batches = fields["batches"] {
      plan.recycleBatches = reading.value(batches, "'batches'") { text throws(ScalarProblem) in
        UInt64(try Scalars.integer(text, in: 1...Int.max))
      }
    }
    if let time = fields["time"] {
      plan.recycleTime = reading.value(time, "'time'", DurationText.parsePositive)
    }
    if fields["batches"] == nil && fields["time"] == nil {
      reading.error("\(owner) says nothing", "write 'batches', 'time' or both", at: fields.place)
    }
  }

  /// `memory 512MiB, nice 5`; nil where nothing is limited.
  static func shown(_ plan: LimitPlan) -> String? {
    var parts: [String] = []
    if let soft = plan.softMemory { parts.append("replaced over \(SizeText.format(soft))") }
    if let hard = plan.hardMemory { parts.append("killed over \(SizeText.format(hard))") }
    if let nice = plan.nice { parts.append("nice \(nice)") }
    if let cpus = plan.cpus { parts.append("on processors \(cpus.map(String.init).joined(separator: ", "))") }
    if let files = plan.files { parts.append("\(files) descriptors") }
    if let batches = plan.recycleBatches { parts.append("recycled after \(batches) batches") }
    if let time = plan.recycleTime { parts.append("recycled after \(DurationText.format(time))") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}
