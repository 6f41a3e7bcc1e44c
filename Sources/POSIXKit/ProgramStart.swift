import CPOSIX
import Glibc

/// Starting another executable by `posix_spawn`, with nothing inherited but what is listed.
package enum ProgramStart {
  /// The process group of the new process.
  package enum Group: Equatable, Sendable {
    /// It leads a group of its own.
    case own
    /// It stays in the caller's, and ends with it.
    case inherited
  }

  /// Starts `path` with default signal dispositions and an empty mask. The child's descriptor i is a
  /// duplicate of `descriptors[i]` (lent; -1: /dev/null); there are at least three, and all others are
  /// closed. `environment` holds `NAME=value`; nil: the caller's. `folder` is the child's working folder; nil: the
  /// caller's. Returns the pid, which the caller reaps.
  /// Any thread may call it. Throws `SystemCallError`.
  package static func spawn(
    _ path: String, arguments: [String], environment: [String]? = nil, group: Group = .own,
    folder: String? = nil, descriptors: [Int32]
  ) throws(SystemCallError) -> Int32 {
    let argumentList = CStringList(arguments)
    let environmentList = environment.map(CStringList.init)
    let variables = environmentList?.pointers ?? cposix_environment()
    var pid: pid_t = 0
    let error = cposix_spawn(
      &pid, path, argumentList.pointers, variables, group == .own ? 0 : -1, folder, descriptors,
      Int32(descriptors.count))
    withExtendedLifetime((argumentList, environmentList)) {}
    if error != 0 { throw SystemCallError("posix_spawn", errno: error, subject: path) }
    return pid
  }
}

/// A null-terminated list of C strings, freed with it.
private final class CStringList {
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ strings: [String]) {
    count = strings.count
    pointers = .allocate(capacity: count + 1)
    for (index, string) in strings.enumerated() { (pointers + index).initialize(to: strdup(string)) }
    (pointers + count).initialize(to: nil)
  }

  deinit {
    for index in 0..<count { free(pointers[index]) }
    pointers.deallocate()
  }
}
