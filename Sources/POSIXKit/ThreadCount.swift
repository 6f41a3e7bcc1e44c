/// How many threads of this process still run code of it. Throws `SystemCallError`.
///
/// The kernel lists a thread for a moment longer than `pthread_join` waits for it; by then it runs nothing, and
/// holds no lock that a fork would copy.
package func countOfThreads() throws(SystemCallError) -> Int {
  let threads = try namesInFolder("/proc/self/task")
  if threads.count == 1 { return 1 }
  return threads.count { name in
    guard let id = Int32(name), let thread = try? ProcessStatistics(of: id) else { return false }
    return !thread.isEnding
  }
}
