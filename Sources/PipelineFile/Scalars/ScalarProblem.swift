/// What is wrong with a scalar and what would be right; the place is known to who reads it.
package struct ScalarProblem: Error, Equatable {
  package var message: String
  package var remedy: String

  init(_ message: String, _ remedy: String) {
    self.message = message
    self.remedy = remedy
  }
}
