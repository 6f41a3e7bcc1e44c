import CPOSIX
import Glibc

/// What this process may use of the machine. To be set before it has threads: each keeps its own.
package enum ProcessLimits {
  /// Adds to the niceness; a negative number needs a privilege. Throws `SystemCallError`; EPERM without it.
  package static func addNiceness(_ increment: Int) throws(SystemCallError) {
    guard cposix_add_niceness(Int32(clamping: increment)) == 0 else {
      throw .last("nice", "\(increment)")
    }
  }

  /// Lets it run on these processors only, counted from 0. Throws `SystemCallError`; EINVAL where the machine
  /// has none of them.
  package static func runOn(processors: [Int]) throws(SystemCallError) {
    let numbers = processors.map { Int32(clamping: $0) }
    guard cposix_set_processors(numbers, Int32(numbers.count)) == 0 else {
      throw .last("sched_setaffinity", "processors \(processors)")
    }
  }

  /// Lets it have at most so many descriptors, for good. Throws `SystemCallError`.
  package static func limitDescriptors(to count: UInt64) throws(SystemCallError) {
    var limit = rlimit(rlim_cur: rlim_t(count), rlim_max: rlim_t(count))
    guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      throw .last("setrlimit", "RLIMIT_NOFILE")
    }
  }
}
