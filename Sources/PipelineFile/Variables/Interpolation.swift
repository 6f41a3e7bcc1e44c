/// Replaces `${...}` in values, once the file is parsed: never in keys, never inside of jq.
struct Interpolation {
  let environment: [String: String]
  /// nil while the variables themselves are read: they may use the environment only.
  let variables: Variables?
  let complaints: Complaints

  /// The value with its references replaced.
  func apply(to node: FileNode) -> FileNode {
    var node = node
    switch node.content {
    case .scalar(var scalar):
      scalar.text = text(of: scalar.text, node: node)
      node.content = .scalar(scalar)
    case .list(let items):
      node.content = .list(items.map(apply(to:)))
    case .map(let entries):
      node.content = .map(
        entries.map { .init(key: $0.key, keyPlace: $0.keyPlace, value: apply(to: $0.value)) })
    }
    return node
  }

  /// Makes a text such that interpolation gives it back.
  static func escaped(_ text: String) -> String {
    var result: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let first = rest.first {
      if rest.starts(with: "${".utf8) { result.append(first) }
      result.append(first)
      rest = rest.dropFirst()
    }
    return String(decoding: result, as: UTF8.self)
  }

  private func text(of text: String, node: FileNode) -> String {
    guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
    return expand(Array(text.utf8)[...]) { ScalarMap(node).place(of: $0) }
  }

  private func expand(_ bytes: ArraySlice<UInt8>, place: (Int) -> Place) -> String {
    var result: [UInt8] = []
    var i = bytes.startIndex
    while i < bytes.endIndex {
      let rest = bytes[i...]
      if rest.starts(with: "$${".utf8) {
        result += "${".utf8
        i += 3
      } else if rest.starts(with: "${".utf8) {
        guard let end = closingBrace(in: bytes, from: i + 2) else {
          complaints.error("'${' is never closed", "write '}', or '$${' for the text '${'", at: place(i))
          return String(decoding: result, as: UTF8.self)
        }
        result += value(of: bytes[(i + 2)..<end], at: i, place: place).utf8
        i = end + 1
      } else {
        result.append(bytes[i])
        i += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private func closingBrace(in bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
    var depth = 1
    var i = start
    while i < bytes.endIndex {
      if bytes[i] == UInt8(ascii: "}") {
        depth -= 1
        if depth == 0 { return i }
      } else if bytes[i...].starts(with: "${".utf8) {
        depth += 1
      }
      i += 1
    }
    return nil
  }

  /// What stands between the braces: `name`, `name:-default` or `name:?message`.
  private func value(of expression: ArraySlice<UInt8>, at start: Int, place: (Int) -> Place) -> String {
    let colon = expression.firstIndex(of: UInt8(ascii: ":")) ?? expression.endIndex
    let name = String(decoding: expression[..<colon], as: UTF8.self)
    let tail = expression[colon...]
    let found = lookup(name, at: place(start))
    if tail.isEmpty {
      switch found {
      case .value(let text): return text
      case .missing(let message, let remedy):
        complaints.error(message, remedy, at: place(start))
        return ""
      case .refused: return ""
      }
    }
    if case .refused = found { return "" }
    let argument = tail.dropFirst(2)
    switch (tail.dropFirst().first, found) {
    case (UInt8(ascii: "-"), .value(let text)) where !text.isEmpty,
      (UInt8(ascii: "?"), .value(let text)) where !text.isEmpty:
      return text
    case (UInt8(ascii: "-"), _):
      return expand(argument, place: place)
    case (UInt8(ascii: "?"), _):
      let message = argument.isEmpty ? "" : ": " + String(decoding: argument, as: UTF8.self)
      complaints.error("\(quoted(name)) is not set\(message)", "set it", at: place(start))
    default:
      complaints.error(
        "'${\(String(decoding: expression, as: UTF8.self))}' is no reference",
        "write ${NAME}, ${NAME:-default} or ${NAME:?message}", at: place(start))
    }
    return ""
  }

  private enum Found {
    case value(String)
    case missing(String, String)
    /// Complained of already.
    case refused
  }

  private func lookup(_ name: String, at place: Place) -> Found {
    if name == "secrets" || name.hasPrefix("secrets.") {
      complaints.error(
        "the secret \(quoted(String(name.dropFirst(8)))) cannot be used here",
        "secrets are for connections, such as a url or a password; no stage of this version takes one",
        at: place)
      return .refused
    }
    if name.hasPrefix("vars.") { return variable(String(name.dropFirst(5)), at: place) }
    guard Variables.isName(name) else {
      complaints.error(
        "\(quoted(name)) is no name of a variable", "write ${NAME} for the environment or ${vars.name}",
        at: place)
      return .refused
    }
    if let value = environment[name] { return .value(value) }
    let isVariable = variables?.entries.contains { $0.key == name } ?? false
    return .missing(
      "the environment has no \(quoted(name))",
      isVariable ? "did you mean ${vars.\(name)}?" : "set it, or write ${\(name):-default}")
  }

  private func variable(_ path: String, at place: Place) -> Found {
    guard let variables else {
      complaints.error(
        "a variable cannot use another", "use the environment, or a YAML anchor and its alias", at: place)
      return .refused
    }
    var entries = variables.entries
    var value: FileNode?
    for part in path.split(separator: ".", omittingEmptySubsequences: false) {
      guard let entry = entries.first(where: { $0.key == part }) else {
        let hint = nearest(to: String(part), among: entries.map(\.key)).map { "did you mean \(quoted($0))?" }
        return .missing("there is no variable \(quoted(path))", hint ?? "declare it under 'vars:'")
      }
      value = entry.value
      entries = entry.value.entries ?? []
    }
    guard let scalar = value?.scalar else {
      complaints.error(
        "the variable \(quoted(path)) is \(value?.kind ?? "nothing")",
        "only texts, numbers and booleans fit in a text",
        at: place)
      return .refused
    }
    if Variables.isNull(scalar) {
      return .missing("the variable \(quoted(path)) is null", "write ${vars.\(path):-default}")
    }
    return .value(scalar.text)
  }
}
