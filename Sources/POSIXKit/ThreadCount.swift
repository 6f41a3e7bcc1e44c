import Glibc

/// How many threads of this process still run code of it. Throws `SystemCallError`.
///
/// The kernel lists a thread for a moment longer than `pthread_join` waits for it; by then it runs nothing, and
/// holds no lock that a fork would copy.
package func countOfThreads() throws(SystemCallError) -> Int {
  let threads = try namesInFolder("/proc/self/task")
  if threads.count == 1 { return 1 }
  return threads.count { name in
    do throws(SystemCallError) {
      return try !ProcessStatistics(of: Int32(name) ?? 0).isEnding
    } catch {
      return error.errno != ENOENT && error.errno != ESRCH
    }
  }
}
