import Glibc
import POSIXKit

/// How many processes and threads may be started.
package struct ProcessFacts: Sendable {
  /// Of this user; nil: none.
  package var limit: UInt64?
  /// Processes and threads that this user has; nil where /proc does not tell.
  package var used: UInt64?
  package var isRoot: Bool
  /// Of the control group; nil: none.
  package var groupLimit: UInt64?
  package var groupUsed: UInt64?
  /// Workers of the pipeline; nil where none is named.
  package var workers: Int?

  package init(
    limit: UInt64?, used: UInt64?, isRoot: Bool, groupLimit: UInt64?, groupUsed: UInt64?, workers: Int?
  ) {
    self.limit = limit
    self.used = used
    self.isRoot = isRoot
    self.groupLimit = groupLimit
    self.groupUsed = groupUsed
    self.workers = workers
  }

  static func probe(_ limits: ResourceLimits, _ group: ControlGroup, workers: Int?) -> ProcessFacts {
    ProcessFacts(
      limit: limits.processes.soft, used: threadsOfUser(), isRoot: geteuid() == 0,
      groupLimit: group.limit("pids.max"), groupUsed: group.number("pids.current"), workers: workers)
  }

  private static func threadsOfUser() -> UInt64? {
    guard let names = try? namesInFolder("/proc") else { return nil }
    var count: UInt64 = 0
    for name in names {
      var status = stat()
      guard let pid = Int32(name), stat("/proc/\(name)", &status) == 0, status.st_uid == geteuid() else {
        continue
      }
      count += UInt64((try? ProcessStatistics(of: pid).threads) ?? 1)
    }
    return count
  }

  /// A worker has its own thread and two of libzmq's.
  private static let threadsOfWorker = 3

  package var check: DoctorCheck {
    let needed = UInt64((workers ?? 10) * Self.threadsOfWorker + 4)
    let what = workers == nil ? "a run of ten workers needs" : "this pipeline needs"
    var room: [(left: UInt64, text: String, remedy: String)] = []
    if let limit, !isRoot {
      let used = used ?? 0
      room.append(
        (
          limit > used ? limit - used : 0,
          "this user has \(used) of \(Figures.grouped(limit)) processes and threads",
          "raise 'nproc' in /etc/security/limits.conf, or LimitNPROC= in a unit"
        ))
    }
    if let groupLimit {
      let used = groupUsed ?? 0
      room.append(
        (
          groupLimit > used ? groupLimit - used : 0,
          "the control group has \(used) of \(Figures.grouped(groupLimit)) processes and threads",
          "raise TasksMax= of the unit, or --pids-limit of the container"
        ))
    }
    guard let least = room.min(by: { $0.left < $1.left }) else {
      return .ok("processes", "no limit on processes")
    }
    if least.left < needed {
      return .failure("processes", "\(least.text); \(what) \(needed) more", least.remedy)
    }
    if least.left < needed * 2 {
      return .warning("processes", "\(least.text); \(what) \(needed) more", least.remedy)
    }
    return .ok("processes", least.text)
  }
}
