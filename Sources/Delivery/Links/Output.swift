/// What a batch became at one stage, for all that read it.
///
/// Each content comes with one reference, which the machine gives back when the batch is done.
package struct Output: Hashable, Sendable {
  /// What every balanced receiver gets, and of a spread one the slot whose turn it is.
  package var whole: Content?
  /// The batch without records, for the other slots of a spread stage.
  package var empty: Content?
  /// For each keyed stage below, in the order of `downstream`, a part for each of its slots.
  package var parts: [Content]
  /// The records that could not be worked on.
  package var letters: Content?

  package init(
    whole: Content? = nil, empty: Content? = nil, parts: [Content] = [], letters: Content? = nil
  ) {
    self.whole = whole
    self.empty = empty
    self.parts = parts
    self.letters = letters
  }

  func release(_ actions: inout [DeliveryAction]) {
    if let whole { actions.append(.release(whole)) }
    if let empty { actions.append(.release(empty)) }
    for part in parts { actions.append(.release(part)) }
    if let letters { actions.append(.release(letters)) }
  }
}

extension Topology {
  /// What an ``Output`` of `stage` must hold beside the letters.
  package func needs(of stage: UInt16) -> (whole: Bool, empty: Bool, keyed: [UInt16]) {
    let below = stages[Int(stage)].downstream
    func input(_ next: UInt16) -> Input { stages[Int(next)].input }
    return (
      whole: below.contains { input($0) != .keyed },
      empty: below.contains { input($0) == .spread && stages[Int($0)].slots > 1 },
      keyed: below.filter { input($0) == .keyed }
    )
  }
}
