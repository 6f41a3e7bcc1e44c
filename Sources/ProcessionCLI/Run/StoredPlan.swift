import Coordination
import Glibc
import POSIXKit
import PipelineFile

/// The plan that a pipeline's state was made under, as its folder holds it.
enum StoredPlan {
  /// There is no state that could be gone on with.
  case none
  case plan(Plan)
  /// It can't be read: why, in words.
  case unreadable(String)

  /// A state has a journal beside its plan, and a run in it that has not ended: after one that has, the next
  /// begins anew.
  static func read(stateFolder folder: String) -> StoredPlan {
    guard access("\(folder)/journal", F_OK) == 0, access("\(folder)/plan.json", F_OK) == 0 else {
      return .none
    }
    do {
      let history = RunHistory(try Journal.read("\(folder)/journal"))
      if history?.hasEnded == true { return .none }
      let bytes = try bytesOfFile("\(folder)/plan.json")
      guard let plan = try? Plan(canonicalJSON: bytes) else {
        return .unreadable("the state was made by another version")
      }
      return .plan(plan)
    } catch {
      return .unreadable("the state can't be read: \(error)")
    }
  }

  /// What `validate` says of going on with it under another plan; nil where there is none.
  func verdict(for plan: Plan) -> StateVerdict? {
    switch self {
    case .none: return nil
    case .unreadable(let why):
      return StateVerdict(
        keeps: false, changes: [PlanChange(effect: .prevents, message: why, position: nil)])
    case .plan(let old):
      let changes = plan.changes(since: old)
      return StateVerdict(keeps: changes.keepState, changes: changes)
    }
  }
}

/// Whether a state can be gone on with, and what changed.
struct StateVerdict {
  let keeps: Bool
  let changes: [PlanChange]

  var lines: [String] {
    let told = changes.map(\.summary)
    return keeps
      ? ["keeps the state"] + told : told + ["does not keep the state (run with --fresh to start over)"]
  }
}
