/// Chooses each stage's start method and says why.
enum StartMethods {
  static func choose(for draft: StageDraft, work: StageWork) -> (method: StartMethodChoice, reason: String) {
    if draft.requested != .auto, let position = draft.requestedPlace?.position {
      return (draft.requested, "asked for at \(position)")
    }
    if let closure = draft.needsFork {
      return (.fork, "\(closure.name) is a closure of this program, which only a fork takes along")
    }
    var tables: [String] = []
    if case .steps(let steps) = work {
      for case .lookup(let lookup) in steps where !tables.contains(lookup.table.shown) {
        tables.append(lookup.table.shown)
      }
    }
    guard !tables.isEmpty else {
      if let program = program(of: work) {
        return (.spawn, "runs \(program), which inherits nothing of the supervisor's that way")
      }
      return (.fork, "starts fastest; nothing in this stage needs a clean process")
    }
    let named =
      tables.count == 1 ? "the table of \(tables[0])" : "the tables of \(tables.joined(separator: " and "))"
    return (.forkserver, "preloads \(named) so that its workers share its pages")
  }

  /// The first external program of a stage.
  private static func program(of work: StageWork) -> String? {
    guard case .steps(let steps) = work else { return nil }
    for case .exec(let exec) in steps { return exec.name }
    return nil
  }
}
