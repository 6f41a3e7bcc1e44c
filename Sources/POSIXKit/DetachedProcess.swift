import CPOSIX
import Glibc

/// A copy of this process that outlives it and its terminal.
package enum DetachedProcess {
  /// Forks. The copy leads a session of its own, has SIGHUP ignored, its standard streams are /dev/null, and of
  /// the other descriptors it has the kept one only: their owners must not be used there.
  /// Returns the copy's pid here, and nil in the copy. Throws `SystemCallError`: EDEADLK where this process has
  /// more than one thread, as the copy would be left with locks that nobody releases.
  package static func fork(keeping kept: Int32) throws(SystemCallError) -> Int32? {
    let threads = try countOfThreads()
    if threads != 1 {
      throw SystemCallError("fork", errno: EDEADLK, subject: "a process of \(threads) threads")
    }
    let pid = cposix_detach(kept)
    if pid < 0 { throw .last("fork", "a detached copy") }
    return pid == 0 ? nil : pid
  }
}
