import TestSupport

/// Random jq programs: mostly of the kind whose fields can be found, with some of everything else.
struct RandomProgram {
  static let names = ["a", "b", "c", "d", "e", "f"]

  private(set) var made = 0
  private var generator: SeededRandom
  private var bound = 0

  init(seed: UInt64) {
    generator = SeededRandom(seed)
  }

  mutating func next() -> String {
    made += 1
    bound = 0
    return pipe(3)
  }

  private mutating func pick(_ choices: [String]) -> String { choices.randomElement(using: &generator)! }

  private mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &generator) < percent
  }

  private mutating func pipe(_ depth: Int) -> String {
    if depth > 0 && chance(10) {
      let source = chance(15) ? "." : term(depth - 1)
      bound += 1
      let name = "$v\(bound)"
      let body = pipe(depth - 1)
      return "(\(source) as \(name) | [\(body), \(name)])"
    }
    if depth > 0 && chance(25) { return pipe(depth - 1) + " | " + pipe(depth - 1) }
    if depth > 0 && chance(12) { return operation(depth - 1) + ", " + operation(depth - 1) }
    return operation(depth)
  }

  private mutating func operation(_ depth: Int) -> String {
    guard depth > 0, chance(40) else { return term(depth) }
    let mark = pick(["+", "-", "==", "<", ">=", "and", "or", "//", "*"])
    return "\(term(depth - 1)) \(mark) \(term(depth - 1))"
  }

  private mutating func term(_ depth: Int) -> String {
    var text = primary(depth)
    while chance(20) {
      text += pick([".\(name())", ".\"\(name())\"", "[0]", "[\"\(name())\"]?", "[]?", ".\(name())?", "[1:]"])
    }
    return text
  }

  private mutating func name() -> String { pick(Self.names) }

  private mutating func primary(_ depth: Int) -> String {
    if depth <= 0 || chance(35) { return path() }
    switch Int.random(in: 0..<16, using: &generator) {
    case 0: return pick(["(1)", "\"x\"", "null", "(-2.5)", "true", "[]", "{}", "empty"])
    case 1: return "(\(pipe(depth - 1)))"
    case 2: return "[\(pipe(depth - 1))]"
    case 3, 4: return object(depth - 1)
    case 5: return "(if \(pipe(depth - 1)) then \(pipe(depth - 1)) else \(pipe(depth - 1)) end)"
    case 6: return "\"<\\(\(pipe(depth - 1)))>\""
    case 7: return "(\(path()) | \(whole(depth - 1)))"
    case 8: return "(select(\(pipe(depth - 1))) | \(pipe(depth - 1)))"
    case 9: return "(try \(term(depth - 1)) catch \(pick([".", "1", "length"])))"
    case 10: return "first(\(pipe(depth - 1)))"
    case 11: return "limit(2; \(pipe(depth - 1)))"
    case 12: return "any(\(pipe(depth - 1)); \(pipe(depth - 1)))"
    case 13: return "error(\(pipe(depth - 1)))"
    case 14: return "\(path())[\(pipe(depth - 1))]?"
    default: return chance(20) ? "(\(whole(depth - 1)))" : path()
    }
  }

  private mutating func path() -> String {
    if chance(6) { return pick(["(.)", "(..)", ".[]?"]) }
    return pick([".\(name())", ".\(name()).\(name())", ".[\"\(name())\"]", ".\"\(name())\"", ".\(name())?"])
  }

  /// Something that looks at the whole of what it is given.
  private mutating func whole(_ depth: Int) -> String {
    pick([
      "length", "keys", "tojson", "not", "type", "map(\(pipe(depth)))?", "to_entries?", "has(\"\(name())\")?",
      "del(.\(name()))?", ".\(name()) = 1", ".\(name()) |= 2", "[paths]", "@json", "tostring", "add?", "[..]",
      "with_entries(.)?", "reduce .[]? as $x (0; 1)", ". as $w | $w", "path(.\(name()))", "first?", "error?",
      "(def f: .\(name()); f)", "label $l | (1, break $l)", "getpath([\"\(name())\"])", "numbers", "any?",
    ])
  }

  private mutating func object(_ depth: Int) -> String {
    let fields = (0..<Int.random(in: 0..<4, using: &generator)).map { _ -> String in
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: name()
      case 1: "\"\(name())\""
      case 2: "(\(pipe(depth))|tostring): \(term(depth))"
      case 3: "\"k\\(\(pipe(depth)))\": (\(pipe(depth)))"
      case 4: "\(name()): \(term(depth)) | \(term(depth))"
      default: "\(name()): \(term(depth))"
      }
    }
    return "{" + fields.joined(separator: ", ") + "}"
  }
}
