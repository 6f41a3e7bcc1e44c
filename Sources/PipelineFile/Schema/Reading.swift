/// What every reader of the schema has at hand.
final class Reading {
  let complaints: Complaints
  let folders: Folders
  let checker: JQChecker
  let userTypes: UserTypes
  /// The shell's: where programs are looked up, and whose `${...}` are replaced.
  let environment: [String: String]
  private(set) var defaults: [AppliedDefault] = []

  init(
    complaints: Complaints, folders: Folders, checker: @escaping JQChecker, userTypes: UserTypes,
    environment: [String: String]
  ) {
    self.complaints = complaints
    self.folders = folders
    self.checker = checker
    self.userTypes = userTypes
    self.environment = environment
  }

  func error(_ message: String, _ remedy: String = "", at place: Place) {
    complaints.error(message, remedy, at: place)
  }

  /// Remembers what the file left open, for `validate --explain`.
  func note(_ owner: String, _ key: String, _ value: String) {
    defaults.append(AppliedDefault(owner: owner, key: key, value: value))
  }

  /// Complains of a key that another kind of stage has. Says nothing where the stage's kind is unclear.
  func refuse(_ entry: FileNode.Entry, isFor stages: String, _ draft: StageDraft) {
    guard let kind = draft.kind else { return }
    let what = kind == .steps ? "has steps" : "is a \(kind.rawValue)"
    error(
      "'\(entry.key)' is for \(stages), and \(draft.owner) \(what)", "remove it", at: entry.keyPlace)
  }

  /// A scalar's text; what is no scalar is complained of.
  func text(_ node: FileNode, _ what: String) -> String? {
    if let scalar = node.scalar, !scalar.isAbsent { return scalar.text }
    if node.scalar != nil {
      error("\(what) has no value", "write one", at: node.place)
    } else {
      error("\(what) takes one value, and this is \(node.kind)", "write a single value", at: node.place)
    }
    return nil
  }

  /// A text that must not be empty.
  func filledText(_ node: FileNode, _ what: String) -> String? {
    guard let text = text(node, what) else { return nil }
    if !text.isEmpty { return text }
    error("\(what) is empty", "write a value", at: node.place)
    return nil
  }

  func list(_ node: FileNode, _ what: String) -> [FileNode]? {
    if case .list(let items) = node.content { return items }
    error(
      "\(what) must be a list, and this is \(node.kind)", "write '[...]' or lines with '- '", at: node.place)
    return nil
  }

  /// A scalar of some type, or nil after a complaint at its place.
  func value<Value>(
    _ node: FileNode, _ what: String, _ parse: (String) throws(ScalarProblem) -> Value
  ) -> Value? {
    guard let text = text(node, what) else { return nil }
    do throws(ScalarProblem) {
      return try parse(text)
    } catch {
      self.error("\(what): \(error.message)", error.remedy, at: node.place)
      return nil
    }
  }

  /// The typed value under a key; the default is noted where the key is left out.
  func value<Value>(
    _ fields: Fields, _ key: String, default standard: Value, shown: String,
    _ parse: (String) throws(ScalarProblem) -> Value
  ) -> Value {
    guard let node = fields[key] else {
      note(fields.owner, key, shown)
      return standard
    }
    return value(node, quoted(key), parse) ?? standard
  }
}
