import TestSupport

/// Random programs in the native subset, of operations that mostly suit the fields they get.
///
/// Fields: `n`, `m` are mostly numbers, `s`, `t` mostly strings, `b` mostly a boolean, `x` anything, `z` is
/// mostly missing.
struct NativeProgramText {
  private var generator: SeededRandom

  init(seed: UInt64) {
    generator = SeededRandom(seed)
  }

  mutating func filter() -> String {
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: "select(\(truth(2))) | \(truth(1))"
    case 1: any(1)
    default: truth(3)
    }
  }

  mutating func map() -> String {
    let prefix = chance(25) ? "def two: tostring | if length < 2 then \"0\" + . else . end;\n" : ""
    let two = prefix.isEmpty ? "tostring" : "two"
    var members: [String] = []
    for index in 0..<Int.random(in: 1...4, using: &generator) {
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: members.append("f\(index): (\(number(2)))")
      case 1: members.append("\"k \(index)\": (\(string(2)))")
      case 2: members.append("f\(index): (\(truth(2)))")
      case 3: members.append("f\(index): {in: \(field()), \"q\\\"\": (\(any(1)))}")
      case 4: members.append("f\(index): (.n | \(two))")
      case 5: members.append("f\(index): -\(pick([".n", ".m", "1", "(.n + 1)"])) | tostring")
      case 6: members.append("f\(index): \(field())")
      default: members.append(["n", "\"s\"", "x", "t"][index])
      }
    }
    let object = "{\(members.joined(separator: ", "))}"
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: return "\(prefix)select(\(truth(2))) | \(object)"
    case 1: return "\(prefix)if \(truth(2)) then \(object) elif .b then \(any(1)) else {n} end"
    case 2: return "\(prefix)\(any(3))"
    default: return prefix + object
    }
  }

  private mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &generator) < percent
  }

  private mutating func pick(_ choices: [String]) -> String { choices.randomElement(using: &generator)! }

  private mutating func field() -> String { pick([".n", ".m", ".s", ".t", ".b", ".x", ".z", ".\"s\""]) }

  private mutating func any(_ depth: Int) -> String {
    switch Int.random(in: 0..<12, using: &generator) {
    case 0...2: number(depth)
    case 3...5: string(depth)
    case 6, 7: truth(depth)
    case 8: "\(field()) // \(string(depth - 1))"
    case 9: pick(["null", ".x.y", ".o.n", ".o.s", "(.o | .n)", "$vars.word", "$vars.deep.n"])
    default: field()
    }
  }

  private mutating func number(_ depth: Int) -> String {
    if depth <= 0 || chance(20) {
      return pick([".n", ".m", ".n", "1", "0.5", "60", "1e3", "-2", "$vars.limit", "(.s | length)", ".z"])
    }
    let (left, right) = (number(depth - 1), number(depth - 1))
    switch Int.random(in: 0..<11, using: &generator) {
    case 0: return "\(left) + \(right)"
    case 1: return "\(left) - \(right)"
    case 2: return "\(left) * \(right)"
    case 3: return "(\(left)) / (\(right))"
    case 4: return "(\(left)) % \(pick(["7", ".m", "-3"]))"
    case 5: return "(\(left) | \(pick(["round", "floor", "ceil", "length"])))"
    case 6: return "if \(truth(depth - 1)) then \(left) else \(right) end"
    case 7: return "(\(left) | tostring | tonumber)"
    case 8: return "-\(left)"
    case 9: return "(\(left) | . * . + 1)"
    default: return "(\(left) * 10 | round) / 10"
    }
  }

  private mutating func string(_ depth: Int) -> String {
    if depth <= 0 || chance(25) {
      return pick([".s", ".t", "\"x\"", "\"a\\n\\\"b\\\\\"", "\"\"", "\"é€\"", "$vars.word"])
    }
    switch Int.random(in: 0..<7, using: &generator) {
    case 0: return "\(string(depth - 1)) + \(string(depth - 1))"
    case 1: return "(\(any(depth - 1)) | tostring)"
    case 2: return "\"\\(\(any(depth - 1)))-\\(\(number(depth - 1)))\\t\""
    case 3: return "(\(string(depth - 1)) | \(pick(["ascii_upcase", "ascii_downcase"])))"
    case 4: return "if \(truth(depth - 1)) then \(string(depth - 1)) else \(string(depth - 1)) end"
    case 5: return "\"<\\(\(field()))>\""
    default: return "(\(string(depth - 1)) | . + \"!\")"
    }
  }

  private mutating func truth(_ depth: Int) -> String {
    if depth <= 0 || chance(10) { return pick([".b", "true", "false", ".x", ".n > 0", ".s == \"ab\""]) }
    let mark = pick(["==", "!=", "<", "<=", ">", ">="])
    switch Int.random(in: 0..<8, using: &generator) {
    case 0: return "\(number(depth - 1)) \(mark) \(number(depth - 1))"
    case 1: return "\(string(depth - 1)) \(mark) \(string(depth - 1))"
    case 2: return "\(field()) \(mark) \(field())"
    case 3: return "\(field()) \(pick(["==", "!="])) null"
    case 4: return "\(truth(depth - 1)) and \(truth(depth - 1))"
    case 5: return "\(truth(depth - 1)) or \(truth(depth - 1))"
    case 6: return "(\(any(depth - 1)) | not)"
    default: return "(\(truth(depth - 1)))"
    }
  }
}
