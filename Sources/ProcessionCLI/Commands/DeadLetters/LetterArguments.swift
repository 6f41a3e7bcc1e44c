import ArgumentParser
import PipelineFile
import Stages

/// A time span as pipeline files write it: `7d`.
struct DurationArgument: ExpressibleByArgument {
  var nanoseconds: UInt64

  init?(argument: String) {
    guard let nanoseconds = try? DurationText.parse(argument) else { return nil }
    self.nanoseconds = nanoseconds
  }

  /// The moment that lies so far before another; 0 where that is before 1970.
  func before(_ moment: UInt64) -> UInt64 { moment - min(moment, nanoseconds) }
}

/// A letter's state by its name.
struct StateArgument: ExpressibleByArgument {
  static let allValueStrings = StoredLetter.State.allCases.map(\.rawValue)

  var state: StoredLetter.State

  init?(argument: String) {
    guard let state = StoredLetter.State(rawValue: argument) else { return nil }
    self.state = state
  }
}
