import Control

/// What a tap is about: a stage of a run, or one slot of it, and which side.
package struct TapTarget: Equatable {
  package var stage: String
  /// `clean.1`, where one slot alone is looked at.
  package var slot: String?
  package var isInput: Bool

  /// Why a stage can't be looked at from a side, and what would be right.
  package struct Refusal: Error, CustomStringConvertible {
    package let description: String
  }

  /// `isInput`: nil leaves it to the stage. Nothing of this program comes into a source, or goes out of a sink.
  package init(_ stage: RunStatus.Stage, slot: Int?, isInput: Bool?) throws(Refusal) {
    self.stage = stage.name
    self.slot = slot.map { "\(stage.name).\($0)" }
    switch stage.role {
    case "source":
      if isInput == true {
        throw Refusal(description: "\(stage.name) is a source: look at what goes out (--out)")
      }
      self.isInput = false
    case "sink", "dead-letters":
      if isInput == false {
        throw Refusal(description: "nothing goes out of \(stage.name): look at what comes in (--in)")
      }
      self.isInput = true
    default: self.isInput = isInput ?? false
    }
  }
}
