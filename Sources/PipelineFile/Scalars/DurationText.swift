/// Times in nanoseconds, written with their unit: `50ms`, `5s`, `1.5m`, `2h`, `30d`.
package enum DurationText {
  private static let units: [(suffix: String, nanoseconds: UInt64)] = [
    ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
  ]

  package static func parse(_ text: String) throws(ScalarProblem) -> UInt64 {
    let split = text.firstIndex { !($0.isASCII && $0.isNumber) && $0 != "." } ?? text.endIndex
    let digits = String(text[..<split])
    let suffix = String(text[split...])
    guard let decimal = ShortDecimal(digits) else {
      throw ScalarProblem(
        "\(quoted(text)) is no duration", "write a number and its unit, such as 500ms, 60s or 5m")
    }
    guard !suffix.isEmpty else {
      throw ScalarProblem("the duration \(quoted(text)) has no unit", "write \(digits)s")
    }
    guard let unit = units.first(where: { $0.suffix == suffix }) else {
      throw ScalarProblem(
        "\(quoted(suffix)) is no unit of time", "the units are \(alternatives(units.map(\.suffix)))")
    }
    guard let result = decimal.scaled(by: unit.nanoseconds), result <= 3_650 * 86_400_000_000_000 else {
      throw ScalarProblem("the duration \(quoted(text)) is too long", "the longest is 3650d")
    }
    return result
  }

  /// A duration above none.
  package static func parsePositive(_ text: String) throws(ScalarProblem) -> UInt64 {
    let duration = try parse(text)
    guard duration > 0 else {
      throw ScalarProblem("the duration \(quoted(text)) is none at all", "write one above 0s")
    }
    return duration
  }

  /// `low..high`, or one duration for both.
  package static func parseRange(_ text: String) throws(ScalarProblem) -> (low: UInt64, high: UInt64) {
    guard let dots = text.firstRange(of: "..") else {
      let both = try parse(text)
      return (both, both)
    }
    let low = try parse(String(text[..<dots.lowerBound]))
    let high = try parse(String(text[dots.upperBound...]))
    guard low <= high else {
      throw ScalarProblem(
        "the range \(quoted(text)) ends before it begins", "write the shorter duration first")
    }
    return (low, high)
  }

  /// The shortest text that `parse` reads as the same time.
  package static func format(_ nanoseconds: UInt64) -> String {
    for unit in units.reversed() where nanoseconds >= unit.nanoseconds && nanoseconds % unit.nanoseconds == 0
    {
      return "\(nanoseconds / unit.nanoseconds)\(unit.suffix)"
    }
    guard nanoseconds > 0 else { return "0s" }
    let text = String(nanoseconds % 1_000_000)
    let fraction = String(repeating: "0", count: 6 - text.count) + text
    return "\(nanoseconds / 1_000_000).\(fraction)ms"
  }
}
