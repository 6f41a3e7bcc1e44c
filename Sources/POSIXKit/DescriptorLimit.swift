import Glibc

/// RLIMIT_NOFILE: how many descriptors a process may have.
package enum DescriptorLimit {
  /// The limit now in force.
  package static var current: Int { limits().map { Int(clamping: $0.rlim_cur) } ?? 1024 }

  /// Raises the limit as far as the hard limit allows and returns what is now in force. Call it before
  /// threads and children start: children inherit it. Throws `SystemCallError`.
  @discardableResult
  package static func raise() throws(SystemCallError) -> Int {
    guard var limit = limits() else { throw .last("getrlimit", "RLIMIT_NOFILE") }
    if limit.rlim_cur < limit.rlim_max {
      limit.rlim_cur = limit.rlim_max
      guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
        throw .last("setrlimit", "RLIMIT_NOFILE")
      }
    }
    return Int(clamping: limit.rlim_cur)
  }

  private static func limits() -> rlimit? {
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit : nil
  }
}
