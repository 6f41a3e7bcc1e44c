import Coordination
import Glibc
import POSIXKit
import PipelineFile

/// Where the run of a replay keeps what is its own, in the folder `replay` of the pipeline's state:
///
///     plan.json        the plan of the replay, canonical
///     journal          as a run's; none: nothing was put back in yet
///     slots/<slot>/    `position`, and for a sink that goes on behind a run's output `before`: the state that
///                      it began with
///
/// The folder is removed when what the replay did is part of the run's own state: while it is there, nothing
/// else may write to the outputs.
struct ReplayFolder {
  let path: String

  init(of state: borrowing RunState) { path = "\(state.folder)/replay" }

  var journal: String { "\(path)/journal" }
  var exists: Bool { access(path, F_OK) == 0 }

  func slot(_ stage: StagePlan, _ index: Int) -> String { "\(path)/slots/\(stage.name).\(index)" }

  /// What the journal says; nil where nothing was begun.
  func history() throws -> RunHistory? {
    if access(journal, F_OK) != 0 { return nil }
    guard let history = RunHistory(try Journal.read(journal)) else {
      throw RunStateError.failed("the journal in \(path) can't be read: it is damaged")
    }
    return history
  }

  func plan() throws -> Plan {
    do {
      return try Plan(canonicalJSON: bytesOfFile("\(path)/plan.json"))
    } catch {
      throw RunStateError.failed(
        "the plan in \(path) can't be read: another version of procession may have made it")
    }
  }

  /// Removes it, the journal first.
  func remove() throws {
    if unlink(journal) != 0 && errno != ENOENT { throw SystemCallError.last("unlink", journal) }
    try Descriptor.syncFolder(path)
    removeFolder(path)
    try Descriptor.syncFolder(of: path)
  }
}

/// Removes a folder with all that is in it, as far as that goes.
func removeFolder(_ folder: String) {
  for name in (try? namesInFolder(folder)) ?? [] where unlink("\(folder)/\(name)") != 0 {
    removeFolder("\(folder)/\(name)")
  }
  rmdir(folder)
}

extension RunHistory {
  /// The name of a replay's letters in the store.
  var replayName: String { String(run, radix: 16) }
}
