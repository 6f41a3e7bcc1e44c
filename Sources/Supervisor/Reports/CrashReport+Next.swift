import Logging

extension CrashReport {
  /// What follows a death, and when: one place for each consequence's words, level and fields.
  struct Next {
    let text: String
    var level = Logger.Level.warning
    let facts: Logger.Metadata

    init(_ consequence: Death.Consequence) {
      switch consequence {
      case .restart(let delay, let count, let max, let window):
        text = "restarting in \(delay / 1_000_000) ms, \(count) of \(max) within \(window / 1_000_000_000) s"
        facts = Self.facts("restart", in: delay).merging(Self.intensity(max: max, window: window)) { $1 }
          .merging(["restart_count": .stringConvertible(count)]) { $1 }
      case .isolating(let delay):
        text =
          "restarting in \(delay / 1_000_000) ms; the batch in hand ended a worker before, and is looked into"
        facts = Self.facts("isolate", in: delay)
      case .excused:
        text = "restarting at once; it was killed on purpose"
        facts = Self.facts("excused", in: 0)
      case .parked(let max, let window):
        text = "it is left alone: more than \(max) restarts within \(window / 1_000_000_000) s"
        level = .error
        facts = Self.facts("parked").merging(Self.intensity(max: max, window: window)) { $1 }
      case .tooMany(let max, let window):
        text = "the pipeline stops: more than \(max) restarts within \(window / 1_000_000_000) s"
        level = .error
        facts = Self.facts("too-many").merging(Self.intensity(max: max, window: window)) { $1 }
      case .notReplaced:
        text = "the pipeline stops: the restart policy does not replace it"
        level = .error
        facts = Self.facts("not-replaced")
      case .stopping:
        text = "the pipeline is stopping"
        facts = Self.facts("stopping")
      }
    }

    /// `delay` in nanoseconds, for what is started again.
    private static func facts(_ next: String, in delay: UInt64? = nil) -> Logger.Metadata {
      var facts: Logger.Metadata = ["next": .string(next)]
      if let delay { facts["restart_in_seconds"] = .stringConvertible(Double(delay) / 1e9) }
      return facts
    }

    private static func intensity(max: Int, window: UInt64) -> Logger.Metadata {
      [
        "restart_max": .stringConvertible(max),
        "restart_window_seconds": .stringConvertible(Double(window) / 1e9),
      ]
    }
  }
}
