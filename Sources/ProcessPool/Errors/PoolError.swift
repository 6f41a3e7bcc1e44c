/// What a pool itself refuses or fails with; a task's own error is thrown as it is (`RemoteError`).
public enum PoolError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `close` or `terminate` was called: nothing new is taken.
  case notRunning
  /// `join` was called before `close` or `terminate`.
  case stillRunning
  /// The tasks were still open when the pool was terminated.
  case terminated
  /// The result is not there yet, and the caller's time is over. The task goes on.
  case notReady
  /// `successful` was asked of a task that has not ended.
  case notEnded
  /// Workers were started again and again and none became ready; the last one's end and last words.
  case workersFail(String)
  /// The workers of a fork pool know the functions that it was made with, and this one is none of them.
  case unknownFunction(String)
  /// The pool could not be made, or the system failed it; what and why.
  case system(String)
  /// An argument that makes no sense; what and what would.
  case usage(String)

  /// What is wrong, and what would be right.
  public var description: String {
    switch self {
    case .notRunning: "The pool is closed or terminated and takes no more tasks: make a new one."
    case .stillRunning:
      "The pool still takes tasks, so join would wait without end: call close or terminate before join."
    case .terminated: "The pool was terminated before this task ended."
    case .notReady: "The result is not ready yet; the task goes on."
    case .notEnded: "The task has not ended: wait for it before asking whether it was successful."
    case .workersFail(let last):
      "The pool gives up: its workers end before they are ready, one after the other. The last one: \(last)"
    case .unknownFunction(let name):
      """
      The pool's workers do not know the function '\(name)'. A pool that is started by fork knows what it was made \
      with: pass it as ProcessPool(functions: [\(name)]), or list it in bootstrap at the top of main.
      """
    case .system(let text): text
    case .usage(let text): text
    }
  }
}
