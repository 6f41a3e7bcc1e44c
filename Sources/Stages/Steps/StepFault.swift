/// What went wrong with one record in a step. The chain adds the place.
struct StepFault: Error {
  var text: String
  /// The step's position in its chain; nil where that is for the chain to add.
  var step: Int?
  /// The step asks for the end of the run, whatever the stage does about other errors.
  var endsRun: Bool

  init(_ text: String, step: Int? = nil, endsRun: Bool = false) {
    self.text = text
    self.step = step
    self.endsRun = endsRun
  }
}
