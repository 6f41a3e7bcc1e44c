/// What can be asked of a run over its control socket beyond looking at it.
package enum ControlCommand: Sendable, Equatable {
  /// Change how many workers a stage has.
  case scale(stage: String, workers: Int)
  /// Replace a stage's workers one after the other; or one, by its number.
  case restart(stage: String, slot: Int?)
  case pause
  case resume
  /// Drain, and end at once if that has not ended after so many seconds.
  case drain(timeout_seconds: Double?)
  /// End at once.
  case stopNow
  /// Send what passes at a stage to a datagram socket at a path in the run's folder: see `TapDatagram`.
  case tap(TapRequest)
  case untap(path: String)
}

/// Where records are looked at, and where copies of them go.
package struct TapRequest: Sendable, Equatable {
  package var stage: String
  /// What comes in, instead of what goes out.
  package var isInput: Bool
  /// One record in so many; 1 for all.
  package var sample: UInt64
  /// Of a datagram socket that the reader has bound.
  package var path: String

  package init(stage: String, isInput: Bool, sample: UInt64, path: String) {
    self.stage = stage
    self.isInput = isInput
    self.sample = sample
    self.path = path
  }
}

/// The answer to a command, in words for the user.
package enum ControlAnswer: Sendable, Equatable {
  /// Done, or begun where that takes time: what.
  case accepted(String)
  /// Not done: why not, and what would be right.
  case refused(String)
}

/// The run behind a control socket, as its server sees it. For the supervisor's one thread; nothing here waits.
package protocol ControlledRun: AnyObject {
  func status() -> RunStatus
  func carryOut(_ command: ControlCommand) -> ControlAnswer
  /// Whether what the command began has come to its end: all workers that a stage is to have are ready, those
  /// that were to leave have left. True at once for what takes no time.
  func isSettled(_ command: ControlCommand) -> Bool
  /// Lends the shared memory with the pages, for `top`.
  var pagesDescriptor: Int32 { get }
}
