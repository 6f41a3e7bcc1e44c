import ArgumentParser
import Control

/// `[pipeline/]stage[.slot]`, as a user names what a command is about.
struct StageAddress: ExpressibleByArgument, Equatable {
  let pipeline: String?
  /// The stage, and maybe the slot: which of them can be told only by the run's stages.
  let name: String

  init?(argument: String) {
    guard let slash = argument.lastIndex(of: "/") else {
      if argument.isEmpty { return nil }
      (pipeline, name) = (nil, argument)
      return
    }
    let (before, after) = (argument[..<slash], argument[argument.index(after: slash)...])
    if before.isEmpty || after.isEmpty { return nil }
    (pipeline, name) = (String(before), String(after))
  }

  /// What is named among the stages of a run.
  struct Found: Equatable {
    let stage: String
    let slot: Int?
  }

  /// Throws what would be right.
  func resolve(in status: RunStatus) throws(RunSelection.Refusal) -> Found {
    let names = status.stages.map(\.name)
    if names.contains(name) { return Found(stage: name, slot: nil) }
    if let dot = name.lastIndex(of: "."), let slot = Int(name[name.index(after: dot)...]) {
      let stage = String(name[..<dot])
      if let known = status.stages.first(where: { $0.name == stage }) {
        let slots = known.slots.filter { $0.isShown(of: known) }
        if slots.contains(where: { $0.name == name }) { return Found(stage: stage, slot: slot) }
        throw RunSelection.Refusal(
          description: "stage \(stage) has no worker \(slot); it has "
            + slots.map(\.name).joined(separator: ", "))
      }
    }
    throw RunSelection.Refusal(
      description: "\(status.pipeline) has no stage '\(name)'; it has " + names.joined(separator: ", "))
  }
}

extension RunStatus.Slot {
  /// Whether there is something to see of it: it is wanted, or still there. A stage that can be scaled has room
  /// for more slots than it uses.
  func isShown(of stage: RunStatus.Stage) -> Bool {
    if pid != nil || state != .over { return true }
    return stage.slots.firstIndex { $0.name == name }.map { $0 < stage.workers } ?? false
  }
}
