import Coordination
import Delivery
import Stages

/// Compares the dead letters of two runs of one pipeline.
enum LetterComparison {
  /// Nil if the last runs of both states left the same letters, each once.
  static func difference(_ expected: String, _ found: String) throws -> String? {
    let first = try letters(of: expected)
    let second = try letters(of: found)
    if first == second { return nil }
    for (letter, count) in first.sorted(by: { $0.key < $1.key }) where second[letter] != count {
      return "\(letter) is there \(second[letter] ?? 0) times, not \(count)"
    }
    let more = second.keys.filter { first[$0] == nil }.min() ?? ""
    return "\(more) is a dead letter of the disturbed run only"
  }

  /// How often each letter is there, named by all that must not depend on who died. A state may hold letters of
  /// earlier runs, too.
  private static func letters(of folder: String) throws -> [String: Int] {
    guard let history = RunHistory(try Journal.read("\(folder)/journal")),
      let store = try DeadLetterStore(existing: "\(folder)/\(DeadLetterStore.fileName)")
    else { return [:] }
    var found: [String: Int] = [:]
    try store.read(LetterFilter()) { stored in
      if stored.origin.run == history.run { found[name(of: stored), default: 0] += 1 }
      return true
    }
    return found
  }

  private static func name(of stored: StoredLetter) -> String {
    let (origin, letter) = (stored.origin, stored.letter)
    return "record \(letter.record) of batch \(origin.sequence) of \(origin.origin).\(origin.slot) at "
      + "\(origin.stage), step \(letter.step) (\(stored.kind), branch \(String(origin.branch, radix: 16)), "
      + "\(letter.bytes.count) bytes, hash \(String(StableHash.hash(of: letter.bytes), radix: 16)))"
  }
}
