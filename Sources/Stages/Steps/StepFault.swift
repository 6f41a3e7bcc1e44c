/// What went wrong with one record in a step. The chain adds the place.
struct StepFault: Error {
  var text: String

  init(_ text: String) { self.text = text }
}
