/// The types that a setting's scalar may have: those of the file's own keys.
package enum SettingScalars {
  package static func boolean(_ text: String) throws(ScalarProblem) -> Bool { try Scalars.boolean(text) }

  package static func integer(_ text: String, in range: ClosedRange<Int>) throws(ScalarProblem) -> Int {
    try Scalars.integer(text, in: range)
  }

  package static func number(_ text: String, in range: ClosedRange<Double>) throws(ScalarProblem) -> Double {
    guard let value = Double(text), value.isFinite else {
      throw ScalarProblem("\(quoted(text)) is no number", "write one such as 1, 0.5 or 1e-3")
    }
    guard range.contains(value) else {
      throw ScalarProblem(
        "\(text) is out of range", "write a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// Nanoseconds.
  package static func duration(_ text: String) throws(ScalarProblem) -> UInt64 {
    try DurationText.parse(text)
  }

  /// Bytes.
  package static func size(_ text: String) throws(ScalarProblem) -> UInt64 { try SizeText.parse(text) }

  /// One of some words.
  package static func choice(_ text: String, of known: [String]) throws(ScalarProblem) -> String {
    if known.contains(text) { return text }
    let hint = nearest(to: text, among: known).map { "did you mean \(quoted($0))? " } ?? ""
    throw ScalarProblem("\(quoted(text)) is not one of the choices", "\(hint)write \(alternatives(known))")
  }
}
