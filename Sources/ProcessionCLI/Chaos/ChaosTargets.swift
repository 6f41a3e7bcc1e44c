import Coordination
import Delivery
import Glibc
import POSIXKit
import PipelineFile

/// The processes of a run as its shared pages show them, and their deaths by our hand.
struct ChaosTargets {
  let topology: Topology
  let pages: SharedPages
  let supervisor: Int32

  /// One process that may be killed, with the slots whose deaths follow from it.
  struct Target {
    var name: String
    var pid: Int32
    var deaths: [Incarnation]
  }

  /// Those of a kind that live now.
  func living(_ victim: ChaosVictim, names: (SlotID) -> String) -> [Target] {
    switch victim {
    case .worker: slots { $0 != .source && $0 != .sink }.compactMap { target($0, names($0)) }
    case .source: slots { $0 == .source }.compactMap { target($0, names($0)) }
    case .sink: slots { $0 == .sink }.compactMap { target($0, names($0)) }
    case .forkserver:
      topology.stages.indices.compactMap { stage in
        let members = topology.slots(of: UInt16(stage))
        let pid = pages.statistics(of: members[0])[.serverID]
        guard pid > 0 else { return nil }
        return Target(
          name: "the server of \(names(members[0]).split(separator: ".")[0])", pid: Int32(pid),
          deaths: members.compactMap { target($0, "")?.deaths.first })
      }
    case .supervisor: [Target(name: "the supervisor", pid: supervisor, deaths: [])]
    case .everything: [Target(name: "everything", pid: supervisor, deaths: [])]
    }
  }

  private func slots(_ isWanted: (Topology.Role) -> Bool) -> [SlotID] {
    topology.stages.indices.filter { isWanted(topology.stages[$0].role) }
      .flatMap { topology.slots(of: UInt16($0)) }
  }

  private func target(_ slot: SlotID, _ name: String) -> Target? {
    let page = pages.statistics(of: slot)
    let state = StatisticsPage.State(rawValue: page[.state])
    guard state == .running || state == .starting, page[.processID] > 0, page[.epoch] > 0 else { return nil }
    return Target(
      name: name, pid: Int32(page[.processID]),
      deaths: [Incarnation(slot: slot, epoch: UInt32(page[.epoch]))])
  }

  /// Says in the pages that these deaths are nobody's fault, then kills. False if the process was gone.
  func kill(_ target: Target) -> Bool {
    for death in target.deaths {
      pages.statistics(of: death.slot)[.excusedEpoch] = UInt64(death.epoch)
    }
    return Self.kill(target.pid, childOf: supervisor)
  }

  /// Kills the supervisor and, as fast as one can, all that it has started.
  func killEverything() {
    let others = topology.stages.indices.flatMap { topology.slots(of: UInt16($0)) }.flatMap { slot in
      [pages.statistics(of: slot)[.processID], pages.statistics(of: slot)[.serverID]]
    }
    let watches = others.filter { $0 > 0 }
    Glibc.kill(supervisor, SIGKILL)
    for pid in watches { _ = Self.kill(Int32(pid), childOf: nil) }
  }

  /// Kills a process unless its number has gone to one that is none of ours: ours descend from the supervisor.
  private static func kill(_ pid: Int32, childOf supervisor: Int32?) -> Bool {
    guard let watch = try? ProcessWatch(pid), isOurs(pid, supervisor) else { return false }
    return (try? watch.signal(SIGKILL)) ?? false
  }

  private static func isOurs(_ pid: Int32, _ supervisor: Int32?) -> Bool {
    if pid == supervisor { return true }
    guard let parent = try? ProcessStatistics(of: pid).parent else { return false }
    guard let supervisor else { return isProcession(pid) }
    if parent == supervisor { return true }
    return (try? ProcessStatistics(of: parent).parent) == supervisor
  }

  /// After its supervisor's death a process has another parent; that it runs this program must do.
  private static func isProcession(_ pid: Int32) -> Bool {
    var own = stat()
    var other = stat()
    return stat("/proc/self/exe", &own) == 0 && stat("/proc/\(pid)/exe", &other) == 0
      && own.st_dev == other.st_dev && own.st_ino == other.st_ino
  }
}
