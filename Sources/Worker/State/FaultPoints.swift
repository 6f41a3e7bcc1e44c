import Delivery
import Glibc

/// The places where the death of a worker could tell the difference: before and after each effect.
package enum FaultPoint: String, CaseIterable, Sendable {
  case beforeReady = "before-ready"
  case afterReady = "after-ready"
  case beforeLog = "before-log"
  case afterLog = "after-log"
  case beforeSend = "before-send"
  case afterSend = "after-send"
  case beforeWrite = "before-write"
  case afterWrite = "after-write"
  case beforeCommit = "before-commit"
  case afterCommit = "after-commit"
  case beforeTaken = "before-taken"
  case afterTaken = "after-taken"
  case beforeDone = "before-done"
  case afterDone = "after-done"
  case beforeReport = "before-report"
  case afterReport = "after-report"
}

/// Kills this worker with SIGKILL when it comes to a named place for the n-th time.
///
/// For tests of the delivery promise. The list comes from the environment of the supervisor
/// (`PROCESSION_FAULTS=clean.1:after-send:3,write.0:before-commit:1`) and concerns first incarnations only,
/// so that the replacement gets past the place.
package struct FaultPoints: Sendable {
  package static let environmentName = "PROCESSION_FAULTS"

  private var remaining: [(point: FaultPoint, count: Int)] = []

  /// The entries that concern this worker; others, and malformed ones, are not this worker's affair.
  package init(_ text: String, worker: String, epoch: UInt32) {
    guard epoch == 1 else { return }
    for entry in text.split(separator: ",") {
      let parts = entry.split(separator: ":")
      guard parts.count == 3, parts[0] == worker, let point = FaultPoint(rawValue: String(parts[1])),
        let count = Int(parts[2])
      else { continue }
      remaining.append((point, count))
    }
  }

  package mutating func reached(_ point: FaultPoint) {
    if remaining.isEmpty { return }
    for index in remaining.indices where remaining[index].point == point {
      remaining[index].count -= 1
      if remaining[index].count == 0 { kill(getpid(), SIGKILL) }
    }
  }
}
