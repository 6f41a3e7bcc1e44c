import Glibc

/// The limits of this process that a run may run into; nil is no limit.
package struct ResourceLimits: Sendable {
  package struct Limit: Sendable, Equatable {
    package var soft: UInt64?
    package var hard: UInt64?

    package init(soft: UInt64?, hard: UInt64?) {
      self.soft = soft
      self.hard = hard
    }
  }

  package var descriptors: Limit
  package var core: Limit
  package var processes: Limit
  package var addressSpace: Limit
  package var fileSize: Limit

  package init(
    descriptors: Limit, core: Limit, processes: Limit, addressSpace: Limit, fileSize: Limit
  ) {
    self.descriptors = descriptors
    self.core = core
    self.processes = processes
    self.addressSpace = addressSpace
    self.fileSize = fileSize
  }

  static func probe() -> ResourceLimits {
    func limit(_ which: __rlimit_resource_t) -> Limit {
      var found = rlimit()
      guard getrlimit(which, &found) == 0 else { return Limit(soft: nil, hard: nil) }
      func number(_ value: rlim_t) -> UInt64? { value == rlim_t.max ? nil : UInt64(value) }
      return Limit(soft: number(found.rlim_cur), hard: number(found.rlim_max))
    }
    return ResourceLimits(
      descriptors: limit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue)),
      core: limit(__rlimit_resource_t(RLIMIT_CORE.rawValue)),
      processes: limit(__rlimit_resource_t(__RLIMIT_NPROC.rawValue)),
      addressSpace: limit(__rlimit_resource_t(RLIMIT_AS.rawValue)),
      fileSize: limit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue)))
  }

  static func text(_ limit: UInt64?) -> String { limit.map { Figures.grouped($0) } ?? "unlimited" }
}
