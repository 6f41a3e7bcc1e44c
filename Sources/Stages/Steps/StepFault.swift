/// What went wrong with one record in a step. The chain adds the place.
struct StepFault: Error {
  var text: String
  /// The step's position in its chain; nil where that is for the chain to add.
  var step: Int?

  init(_ text: String, step: Int? = nil) {
    self.text = text
    self.step = step
  }
}
