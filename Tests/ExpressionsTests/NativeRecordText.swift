import TestSupport

/// Random records for `NativeProgramText`.
struct NativeRecordText {
  static let columns = ["n", "m", "s", "t", "b", "x", "unread"]

  private var generator: SeededRandom

  init(seed: UInt64) {
    generator = SeededRandom(seed)
  }

  private mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &generator) < percent
  }

  private mutating func pick(_ choices: [String]) -> String { choices.randomElement(using: &generator)! }

  private mutating func number() -> String {
    if chance(40) { return "\(Int.random(in: -50..<1000, using: &generator))" }
    if chance(50) {
      return "\(Int.random(in: -99..<99, using: &generator)).\(Int.random(in: 0..<1000, using: &generator))"
    }
    return pick([
      "0", "-0", "1", "0.1", "-0.5", "2.50", "1e3", "12345678901234567890", "1E-7", "0.000001",
      "999999999999999",
      "123456789012345", "1e300", "0.30000000000000004", "100000000000000000", "-7",
    ])
  }

  /// A row of the columns, and a line end.
  mutating func row() -> String {
    let cells = [numberCell(), numberCell(), textCell(), textCell(), booleanCell(), anyCell(), "-"]
    return cells.joined(separator: ",") + "\n"
  }

  private mutating func numberCell() -> String { chance(90) ? number() : anyCell() }

  private mutating func textCell() -> String {
    chance(92)
      ? pick([
        "ab", "AB", "a", "zebra 7", "\"q\"\"uote\"", "\"a,b\"", "\"12\"", "é", "\"x\ny\"", "back\\slash",
        "\u{7f}",
      ])
      : anyCell()
  }

  private mutating func booleanCell() -> String { chance(85) ? pick(["true", "false"]) : anyCell() }

  private mutating func anyCell() -> String {
    pick([
      "NA", "", "NA", "true", "False", "7", "ab", "\"NA\"", "007", "+1", "1.", ".5", "1e400", "NaN",
      "2013-01-01",
      "-", "5x", "truex", "nul",
    ])
  }

  /// A JSON object.
  mutating func object() -> String {
    var members = [
      "\"n\":\(chance(90) ? number() : value())", "\"m\":\(chance(90) ? number() : value())",
      "\"s\":\(chance(92) ? string() : value())", "\"t\":\(chance(92) ? string() : value())",
      "\"b\":\(chance(85) ? pick(["true", "false"]) : value())", "\"unread\":[1,{\"n\":2}]",
      "\"o\": {\"n\": \(number()), \"s\": \(string())}",
    ]
    if chance(80) { members.append("\"x\" : \(value())") }
    if chance(5) { members.append("\"z\":\(value())") }
    if chance(2) { members.append("\"n\":\(value())") }
    if chance(2) { members.append("\"\\u006e\":\(value())") }
    if chance(20) { members.shuffle(using: &generator) }
    return "{\(members.joined(separator: ","))}"
  }

  private mutating func string() -> String {
    pick([
      "\"ab\"", "\"AB\"", "\"a\"", "\"\"", "\"zebra 7\"", "\"q\\\"uote\"", "\"\\n\\t\\/\"", "\"\\u00e9\"",
      "\"é\"",
      "\"\\ud800\"", "\"12\"", "\"-1.50\"", "\"\u{7f}\"",
    ])
  }

  private mutating func value() -> String {
    chance(60)
      ? pick(["null", "null", "true", "false"])
      : chance(50) ? string() : pick(["[]", "[1]", "{}", "{\"y\":3}"])
  }
}
