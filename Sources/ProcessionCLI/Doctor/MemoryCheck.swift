import POSIXKit

/// Memory that a run may use.
package struct MemoryFacts: Sendable {
  /// Bytes; nil where the kernel does not tell.
  package var available: UInt64?
  /// Of the control group and those above it; nil: none.
  package var groupLimit: UInt64?
  package var groupUsed: UInt64?
  /// `vm.overcommit_memory`.
  package var overcommit: Int?
  /// What the pipeline may need at most; nil where none is named.
  package var needed: UInt64?

  package init(
    available: UInt64?, groupLimit: UInt64?, groupUsed: UInt64?, overcommit: Int?, needed: UInt64?
  ) {
    self.available = available
    self.groupLimit = groupLimit
    self.groupUsed = groupUsed
    self.overcommit = overcommit
    self.needed = needed
  }

  static func probe(_ group: ControlGroup, needed: UInt64?) -> MemoryFacts {
    let information = (try? textOfSystemFile("/proc/meminfo")) ?? ""
    let line = information.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    let words = line?.split(separator: " ") ?? []
    let overcommit = try? textOfSystemFile("/proc/sys/vm/overcommit_memory")
    return MemoryFacts(
      available: words.count > 1 ? UInt64(words[1]).map { $0 * 1024 } : nil,
      groupLimit: group.limit("memory.max"), groupUsed: group.number("memory.current"),
      overcommit: overcommit.flatMap { Int($0.split(separator: "\n").first ?? "") }, needed: needed)
  }

  /// What a small pipeline takes.
  private static let usual: UInt64 = 256 << 20

  package var checks: [DoctorCheck] { [memory, commitment].compactMap { $0 } }

  private var memory: DoctorCheck {
    let name = "memory"
    let needed = needed ?? Self.usual
    let inGroup = groupLimit.map { limit in limit > (groupUsed ?? 0) ? limit - (groupUsed ?? 0) : 0 }
    guard let free = [available, inGroup].compactMap({ $0 }).min() else {
      return .warning(name, "how much memory is free is not known", "mount /proc")
    }
    let limit = groupLimit.map { ", and the control group is limited to \(Figures.bytes($0))" } ?? ""
    let shown = "\(Figures.bytes(free)) free\(limit)"
    if free < needed {
      return .warning(
        name,
        "\(shown); \(self.needed == nil ? "a small run" : "this pipeline") may take \(Figures.bytes(needed))",
        inGroup == free && groupLimit != nil
          ? "raise MemoryMax= of the unit or the container's limit, or use fewer workers"
          : "end something else, or use fewer workers")
    }
    return .ok(name, shown)
  }

  private var commitment: DoctorCheck? {
    guard overcommit == 2 else { return nil }
    return .warning(
      "overcommit",
      "the kernel refuses memory that may not be there (vm.overcommit_memory = 2): forks may fail",
      "sysctl vm.overcommit_memory=0")
  }
}
