import Multiprocessing

/// A task's worker ended while it was at the task, more often than the task may be retried.
public struct WorkerDied: Error, Equatable, Sendable, CustomStringConvertible {
  /// The task's place among those that were submitted with it, from 0.
  public let taskIndex: Int
  /// How the worker ended: N for exit N, -N for signal N.
  public let exitCode: Int32
  /// The last lines that the worker wrote to standard error, the oldest first; at most ten.
  public let standardErrorTail: [String]

  package init(taskIndex: Int, exitCode: Int32, standardErrorTail: [String]) {
    self.taskIndex = taskIndex
    self.exitCode = exitCode
    self.standardErrorTail = standardErrorTail
  }

  /// `SIGKILL`, where a signal ended it.
  public var signalName: String? { ExitStatus(code: exitCode).signal.map(ExitStatus.name(ofSignal:)) }

  /// For people, the last words included.
  public var description: String {
    let tail =
      standardErrorTail.isEmpty
      ? "" : " Its last words:\n" + standardErrorTail.map { "  \($0)" }.joined(separator: "\n")
    return "The worker of task \(taskIndex) died: \(ExitStatus(code: exitCode)).\(tail)"
  }
}

/// A task took longer than it may; its worker, and all that the worker had started, was ended.
public struct TaskTimeout: Error, Equatable, Sendable, CustomStringConvertible {
  /// The task's place among those that were submitted with it, from 0.
  public let taskIndex: Int
  /// How long it was allowed to take.
  public let limit: Duration

  package init(taskIndex: Int, limit: Duration) {
    self.taskIndex = taskIndex
    self.limit = limit
  }

  /// For people.
  public var description: String { "Task \(taskIndex) took longer than its limit of \(limit) and was ended." }
}
