import PipelineFile
import Stages

/// Thrown where the outside does not answer for now: the worker ends, and is started again as its stage's
/// `restart` says, after a while that grows. No record is blamed.
public struct Unavailable: Error, Sendable, CustomStringConvertible {
  /// What does not answer, and how.
  public let description: String

  /// `description` says what does not answer, and how.
  public init(_ description: String) { self.description = description }
}

/// What follows from an error that a type of the program's throws where no record is to blame.
enum Trouble {
  static func failure(_ error: any Error, _ use: UsePlan, _ what: String) -> StageFailure {
    StageFailure(
      "\(use.position): error: \(use.name) \(what): \(error)", mayPass: !(error is RunFailure))
  }

  /// Whether an error is nobody's fault but the whole worker's.
  static func concernsWorker(_ error: any Error) -> Bool { error is RunFailure || error is Unavailable }
}
