/// One difference between the plan that a state was made under and the plan at hand.
package struct PlanChange: Sendable, Equatable {
  package enum Effect: Sendable, Equatable {
    /// The state can't be gone on with.
    case prevents
    /// The state is kept; what the change means for the run is worth telling.
    case note
  }

  package var effect: Effect
  /// A sentence that names the stage and what changed.
  package var message: String
  /// In the new file; nil for what is not there any more.
  package var position: SourcePosition?

  package init(effect: Effect, message: String, position: SourcePosition?) {
    self.effect = effect
    self.message = message
    self.position = position
  }

  /// `file:line:col: what changed`.
  package var summary: String {
    guard let position else { return message }
    return "\(position): \(message)"
  }
}

extension [PlanChange] {
  /// Whether a state can be gone on with in spite of these.
  package var keepState: Bool { !contains { $0.effect == .prevents } }
}
