/// A letter as the store keeps it.
package struct StoredLetter: Hashable, Sendable {
  package enum State: String, Sendable, CaseIterable {
    case dead
    /// Marked for being put back in; it stays until that is known to be done.
    case replaying
    case replayed
  }

  /// Grows with each letter and is never used again.
  package var id: Int64
  package var state: State
  /// The replay that it is marked for, or was part of.
  package var replay: String?
  package var origin: LetterOrigin
  package var letter: Letter

  package init(id: Int64, state: State, replay: String?, origin: LetterOrigin, letter: Letter) {
    self.id = id
    self.state = state
    self.replay = replay
    self.origin = origin
    self.letter = letter
  }
}
