/// How a process is made. After Python's `multiprocessing`.
public enum StartMethod: String, CaseIterable, Sendable, Codable {
  /// The parent forks itself: the child has all that the parent has in memory.
  case fork
  /// The parent's executable is started anew: nothing is inherited.
  case spawn
  /// A server, started once and kept to one thread, forks on request: a clean parent and shared pages.
  case forkserver
}
