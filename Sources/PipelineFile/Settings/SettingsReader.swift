/// Gives the raw settings of a `use` their types.
///
/// Asks for each key once, in any order; what is wrong is collected, so that one run tells all of it, and a
/// value that would fit takes its place. At the end ``finish()`` complains of keys that nobody asked for.
package final class SettingsReader {
  private let owner: String
  private let entries: [SettingNode.Entry]
  private let position: SourcePosition
  /// Where in the settings these stand: `retry.` for those under `retry`.
  private let prefix: String
  private var asked: [String] = []
  private var nested: [SettingsReader] = []
  private var ownProblems: [SettingProblem] = []
  private var ownDefaults: [(key: String, value: String)] = []

  package convenience init(_ plan: UsePlan) {
    self.init(plan.settings, owner: "the settings of \(quoted(plan.name))", prefix: "")
  }

  private init(_ node: SettingNode, owner: String, prefix: String) {
    self.owner = owner
    self.prefix = prefix
    position = node.position
    if case .map(let entries) = node.content {
      self.entries = entries
    } else {
      entries = []
      problem("\(owner) must be a mapping", "write '{ key: value }'", at: node.position)
    }
  }

  /// All that is wrong, nested settings included.
  package var problems: [SettingProblem] { ownProblems + nested.flatMap(\.problems) }
  /// What was left open and filled in.
  package var defaults: [(key: String, value: String)] { ownDefaults + nested.flatMap(\.defaults) }

  /// Whether the file has this key.
  package func has(_ key: String) -> Bool {
    note(key)
    return entries.contains { $0.key == key }
  }

  /// Complains of a value that has the right type and is wrong all the same.
  package func refuse(_ key: String, _ message: String, _ remedy: String) {
    let place = entries.first { $0.key == key }?.value.position ?? position
    problem("'\(prefix)\(key)': \(message)", remedy, at: place)
  }

  /// Complains of the keys that nobody asked for.
  package func finish() {
    for reader in nested { reader.finish() }
    for entry in entries where !asked.contains(entry.key) {
      if asked.isEmpty {
        problem("unknown key \(quoted(entry.key)) in \(owner)", "it has none", at: entry.keyPosition)
        continue
      }
      let hint = nearest(to: entry.key, among: asked).map { "did you mean \(quoted($0))? " } ?? ""
      problem(
        "unknown key \(quoted(entry.key)) in \(owner)", "\(hint)known: \(asked.joined(separator: ", "))",
        at: entry.keyPosition)
    }
  }

  /// A scalar of some type. Without a `standard` the key is required, and `placeholder` stands for the value
  /// that is missing or wrong.
  package func value<Value>(
    _ key: String, default standard: (value: Value, shown: String)?, placeholder: Value,
    _ parse: (_ text: String, _ isPlain: Bool) throws(ScalarProblem) -> Value
  ) -> Value {
    guard let node = node(key) else {
      guard let standard else {
        problem("\(owner): '\(prefix)\(key)' is missing", "add '\(key): ...'", at: position)
        return placeholder
      }
      ownDefaults.append((prefix + key, standard.shown))
      return standard.value
    }
    return scalar(node, key, parse) ?? standard?.value ?? placeholder
  }

  /// A list of scalars; a single one is a list of one. Without a `standard` the key is required.
  package func list<Value>(
    _ key: String, default standard: (value: [Value], shown: String)?,
    _ parse: (_ text: String, _ isPlain: Bool) throws(ScalarProblem) -> Value
  ) -> [Value] {
    guard let node = node(key) else {
      guard let standard else {
        problem("\(owner): '\(prefix)\(key)' is missing", "add '\(key): [...]'", at: position)
        return []
      }
      ownDefaults.append((prefix + key, standard.shown))
      return standard.value
    }
    let items: [SettingNode]
    if case .list(let list) = node.content { items = list } else { items = [node] }
    return items.compactMap { scalar($0, key, parse) }
  }

  /// The settings under a key, which may be left out: then they are empty.
  package func settings(_ key: String) -> SettingsReader {
    let node = node(key) ?? SettingNode(.map([]), position: position)
    let reader = SettingsReader(
      node, owner: "'\(prefix)\(key)' of \(owner)", prefix: "\(prefix)\(key).")
    nested.append(reader)
    return reader
  }

  private func node(_ key: String) -> SettingNode? {
    note(key)
    return entries.first { $0.key == key }?.value
  }

  private func note(_ key: String) { if !asked.contains(key) { asked.append(key) } }

  private func scalar<Value>(
    _ node: SettingNode, _ key: String,
    _ parse: (_ text: String, _ isPlain: Bool) throws(ScalarProblem) -> Value
  ) -> Value? {
    guard case .text(let text, let isPlain) = node.content else {
      problem("'\(prefix)\(key)' takes a single value here", "write one", at: node.position)
      return nil
    }
    if isPlain, text.isEmpty {
      problem("'\(prefix)\(key)' has no value", "write one", at: node.position)
      return nil
    }
    do throws(ScalarProblem) { return try parse(text, isPlain) } catch {
      problem("'\(prefix)\(key)': \(error.message)", error.remedy, at: node.position)
      return nil
    }
  }

  private func problem(_ message: String, _ remedy: String, at position: SourcePosition) {
    ownProblems.append(SettingProblem(message, remedy, at: position))
  }
}
