/// A source that puts dead letters back in: those of one replay that fell out at one stage.
///
/// No file declares one: see ``Plan/replaying(_:)``.
package struct LetterSourcePlan: Codable, Sendable, Equatable {
  /// The stage at which they fell out.
  package var stage: String
  /// The replay that they are marked for.
  package var replay: String
  /// Absolute path of the store.
  package var store: String
  /// The input files that they come from, as users know them.
  package var files: [String]
  /// How the source that gave them up reads now: it judges them again. Nil for what fell out further down,
  /// where a source has let it pass.
  package var format: FileFormat?

  package init(stage: String, replay: String, store: String, files: [String] = [], format: FileFormat? = nil)
  {
    self.stage = stage
    self.replay = replay
    self.store = store
    self.files = files
    self.format = format
  }
}
