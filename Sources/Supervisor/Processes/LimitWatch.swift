import Coordination
import Delivery
import Multiprocessing
import POSIXKit

/// Looks at the workers of stages with limits: the memory that they use, and how long they have worked.
///
/// Workers do not cooperate in this: the kernel and the pages tell.
struct LimitWatch {
  /// A worker that has reached a limit.
  enum Finding {
    case memory(Incarnation, isHard: Bool, used: Int)
    case isDue(Incarnation, reason: String)
  }

  /// Between two looks: what grows by 1 GB/s is caught within 250 MB of its limit.
  private static let interval: UInt64 = 250_000_000

  private let configuration: SupervisorConfiguration
  /// By position: the life that is looked at, when it was first seen, and the batches on its page then.
  private var lives: [(epoch: UInt32, since: UInt64, batches: UInt64)]
  /// When to look again; nil where no stage has a limit.
  private(set) var nextLook: UInt64?

  init(_ configuration: SupervisorConfiguration) {
    self.configuration = configuration
    lives = Array(repeating: (0, 0, 0), count: configuration.topology.slotCount)
    if configuration.stages.contains(where: \.limits.isLookedAt) { nextLook = 0 }
  }

  /// Those that have reached a limit. Looks only when ``nextLook`` has come.
  mutating func findings(_ employees: [Employee?], now: UInt64) -> [Finding] {
    guard let look = nextLook, look <= now else { return [] }
    nextLook = now + Self.interval
    var found: [Finding] = []
    for position in employees.indices {
      guard let employee = employees[position] else { continue }
      let worker = employee.incarnation
      let limits = configuration.stages[Int(worker.slot.stage)].limits
      if !limits.isLookedAt { continue }
      let page = configuration.pages.statistics(at: position)
      if lives[position].epoch != worker.epoch { lives[position] = (worker.epoch, now, page[.batches]) }
      if let finding = memory(of: employee, limits) {
        found.append(finding)
        continue
      }
      if let most = limits.recycleBatches, page[.batches] - lives[position].batches >= most {
        found.append(.isDue(worker, reason: "it has worked on \(most) batches"))
      } else if let most = limits.recycleTime, now - lives[position].since >= most {
        found.append(.isDue(worker, reason: "it has worked for \(most / 1_000_000_000) s"))
      }
    }
    return found
  }

  private func memory(of employee: Employee, _ limits: SupervisorConfiguration.Stage.Limits) -> Finding? {
    guard limits.softMemory != nil || limits.hardMemory != nil, let pid = employee.process.pid,
      let used = try? ProcessStatistics(of: pid).residentBytes
    else { return nil }
    if let hard = limits.hardMemory, used > hard {
      return .memory(employee.incarnation, isHard: true, used: used)
    }
    if let soft = limits.softMemory, used > soft {
      return .memory(employee.incarnation, isHard: false, used: used)
    }
    return nil
  }
}
