/// Reads `steps`.
struct StepsReader {
  let reading: Reading
  private static let kinds = ["filter", "map", "lookup", "exec", "use"]

  /// The work of a stage with steps: a stage of its own where one keeps state.
  func read(_ node: FileNode, _ draft: inout StageDraft) -> StageWork? {
    guard let items = reading.list(node, "'steps'") else { return nil }
    if items.isEmpty {
      reading.error("'steps' is an empty list", "write at least one step", at: node.place)
      return nil
    }
    var stateful: (plan: UsePlan, place: Place)?
    var steps: [StepPlan] = []
    for (index, item) in items.enumerated() {
      let owner = "step \(index + 1) of \(draft.owner)"
      guard let read = step(item, owner: owner, &draft) else { continue }
      steps.append(read.plan)
      if read.keepsState, case .use(let plan) = read.plan { stateful = stateful ?? (plan, item.place) }
    }
    guard steps.count == items.count else { return nil }
    guard endsWithBatches(steps, items, draft) else { return nil }
    guard let stateful else { return .steps(steps) }
    if steps.count == 1 { return .custody(stateful.plan) }
    reading.error(
      "\(quoted(stateful.plan.name)) keeps state, and \(draft.owner) has other steps as well",
      "make it the only step of a stage", at: stateful.place)
    return nil
  }

  /// What a process makes of a whole batch can't be told apart by record, so no step may follow it.
  private func endsWithBatches(_ steps: [StepPlan], _ items: [FileNode], _ draft: StageDraft) -> Bool {
    for (index, step) in steps.dropLast().enumerated() {
      guard case .exec(let exec) = step, exec.per == .batch else { continue }
      reading.error(
        "step \(index + 1) of \(draft.owner) is an 'exec' with 'per: batch', and steps follow it: which record "
          + "its output came from is not known", "make the steps behind it a stage of their own",
        at: items[index].place)
      return false
    }
    return true
  }

  private func step(
    _ node: FileNode, owner: String, _ draft: inout StageDraft
  ) -> (plan: StepPlan, keepsState: Bool)? {
    let known = Self.kinds + ["with"]
    guard let fields = Fields(node, owner: owner, known: known, reading: reading) else { return nil }
    let present = fields.present(Self.kinds)
    guard let entry = present.first else {
      if fields.keys.isEmpty {
        reading.error(
          "\(owner) is empty", "write \(alternatives(Self.kinds.map { "'\($0)'" }))", at: node.place)
      }
      return nil
    }
    guard present.count == 1 else {
      reading.error(
        "\(owner) has both '\(entry.key)' and '\(present[1].key)'", "begin another step with '- '",
        at: present[1].keyPlace)
      return nil
    }
    if let with = fields.entry("with"), entry.key != "use" {
      reading.error(
        "'with' is for 'use', and \(owner) has '\(entry.key)'", "remove it", at: with.keyPlace)
    }
    if entry.key == "use" { return use(fields, owner: owner, &draft) }
    let plan: StepPlan? =
      switch entry.key {
      case "filter": JQReader(reading: reading).read(entry.value, key: "filter").map(StepPlan.filter)
      case "map": JQReader(reading: reading).read(entry.value, key: "map").map(StepPlan.map)
      case "exec": ExecReader(reading: reading).read(entry, owner: owner).map(StepPlan.exec)
      default: LookupReader(reading: reading).read(entry, owner: owner).map(StepPlan.lookup)
      }
    return plan.map { ($0, false) }
  }

  private func use(
    _ fields: Fields, owner: String, _ draft: inout StageDraft
  ) -> (plan: StepPlan, keepsState: Bool)? {
    guard let read = UseReader(reading: reading).read(fields, kind: .step, owner: owner) else { return nil }
    if read.check.needsFork { draft.needsFork = draft.needsFork ?? read.plan }
    return (.use(read.plan), read.check.keepsState)
  }
}
