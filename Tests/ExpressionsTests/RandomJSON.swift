import TestSupport

/// Random JSON texts, with the characters and numbers that printers get wrong.
enum RandomJSON {
  static func text(_ generator: inout SeededRandom, depth: Int) -> String {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &generator) {
    case 0: return ["null", "true", "false"].randomElement(using: &generator)!
    case 1: return "\(Int.random(in: -1000...1000, using: &generator))"
    case 2: return number(&generator)
    case 3, 4: return string(&generator)
    case 5:
      let elements = (0..<Int.random(in: 0..<5, using: &generator)).map { _ in
        text(&generator, depth: depth - 1)
      }
      return "[" + elements.joined(separator: ", ") + "]"
    default: return object(&generator, keys: (0..<12).map { "k\($0)" }, depth: depth - 1)
    }
  }

  /// An object with some of `keys`, some perhaps more than once.
  static func object(_ generator: inout SeededRandom, keys: [String], depth: Int) -> String {
    let fields = (0..<Int.random(in: 0...keys.count, using: &generator)).map { _ in
      "\"\(keys.randomElement(using: &generator)!)\": \(text(&generator, depth: depth))"
    }
    return "{" + fields.joined(separator: ", ") + "}"
  }

  private static func number(_ generator: inout SeededRandom) -> String {
    let value = Double(bitPattern: generator.next())
    guard value.isFinite else { return "1e1000" }
    return Bool.random(using: &generator)
      ? "\(value)" : "\(Double(Int.random(in: -99999...99999, using: &generator)) / 1000)"
  }

  private static func string(_ generator: inout SeededRandom) -> String {
    let parts = [
      "a", "B", " ", "7", "é", "\u{7f}", "\u{80}", "\u{2028}", "😀", "\\n", "\\t", "\\\"", "\\\\", "\\u0000",
      "\\u001f",
      "\\u007f", "\\ud83d\\ude00", "/", "<", "\\/",
    ]
    let count = Int.random(in: 0..<8, using: &generator)
    return "\"" + (0..<count).map { _ in parts.randomElement(using: &generator)! }.joined() + "\""
  }
}
