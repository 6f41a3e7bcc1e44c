/// Reads `steps`.
struct StepsReader {
  let reading: Reading
  private static let keys = ["filter", "map", "lookup"]

  func read(_ node: FileNode, _ draft: StageDraft) -> [StepPlan]? {
    guard let items = reading.list(node, "'steps'") else { return nil }
    if items.isEmpty {
      reading.error("'steps' is an empty list", "write at least one step", at: node.place)
      return nil
    }
    let steps = items.enumerated().map { step($1, owner: "step \($0 + 1) of \(draft.owner)") }
    return steps.contains { $0 == nil } ? nil : steps.compactMap { $0 }
  }

  private func step(_ node: FileNode, owner: String) -> StepPlan? {
    guard let fields = Fields(node, owner: owner, known: Self.keys, reading: reading) else { return nil }
    let present = fields.present(Self.keys)
    guard let entry = present.first else {
      if fields.keys.isEmpty {
        reading.error("\(owner) is empty", "write 'filter', 'map' or 'lookup'", at: node.place)
      }
      return nil
    }
    guard present.count == 1 else {
      reading.error(
        "\(owner) has both '\(entry.key)' and '\(present[1].key)'", "begin another step with '- '",
        at: present[1].keyPlace)
      return nil
    }
    switch entry.key {
    case "filter": return JQReader(reading: reading).read(entry.value, key: "filter").map(StepPlan.filter)
    case "map": return JQReader(reading: reading).read(entry.value, key: "map").map(StepPlan.map)
    default: return LookupReader(reading: reading).read(entry, owner: owner).map(StepPlan.lookup)
    }
  }
}
