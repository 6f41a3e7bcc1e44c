import Yams

/// Turns Yams' nodes into values with places: anchors resolved, `<<` merged, what is not allowed refused.
struct TreeBuilder {
  let source: SourceText
  let complaints: Complaints
  let keys: DoubledKeys
  /// Values so far, aliases counted as often as they are used.
  private var count = 0
  private var isTooLarge = false
  private static let largest = 10_000
  private static let deepest = 64

  init(source: SourceText, complaints: Complaints, keys: DoubledKeys) {
    self.source = source
    self.complaints = complaints
    self.keys = keys
  }

  mutating func root(_ node: Node) -> FileNode? {
    let tree = build(node, depth: 0)
    if isTooLarge { return nil }
    guard tree.entries != nil else {
      complaints.error(
        "a pipeline file is a mapping, and this is \(tree.kind)", "begin with 'stages:'", at: tree.place)
      return nil
    }
    return tree
  }

  private func place(of node: Node) -> Place {
    guard let mark = node.mark else { return Place(source, 0) }
    return Place(source, source.offset(yamlLine: mark.line, yamlColumn: mark.column))
  }

  private mutating func build(_ node: Node, depth: Int) -> FileNode {
    let place = place(of: node)
    let nothing = FileNode(content: .scalar(.init(text: "", style: .plain, written: "")), place: place)
    guard !isTooLarge else { return nothing }
    count += 1
    guard count <= Self.largest, depth <= Self.deepest else {
      isTooLarge = true
      let what =
        depth > Self.deepest
        ? "nested more than \(Self.deepest) levels deep"
        : "more than \(Self.largest) values, each alias counted in full"
      complaints.error(what, "write a simpler file", at: place)
      return nothing
    }
    switch node {
    case .scalar(let scalar):
      let style = style(of: scalar)
      check(tag: scalar.tag, allowed: [.str, .nonSpecific], at: place)
      let content = FileNode.Scalar(
        text: scalar.string, style: style, written: scalar.string,
        isTagged: style == .plain && !scalar.tag.rawValue.isEmpty)
      return FileNode(content: .scalar(content), place: place)
    case .sequence(let sequence):
      check(tag: sequence.tag, allowed: [.seq, .nonSpecific], at: place)
      var items: [FileNode] = []
      for item in sequence { items.append(build(item, depth: depth + 1)) }
      return FileNode(content: .list(items), place: place)
    case .mapping(let mapping):
      check(tag: mapping.tag, allowed: [.map, .nonSpecific], at: place)
      return FileNode(content: .map(entries(of: mapping, depth: depth)), place: place)
    case .alias:
      return nothing
    }
  }

  private func style(of scalar: Node.Scalar) -> ScalarStyle {
    switch scalar.style {
    case .singleQuoted: .single
    case .doubleQuoted: .double
    case .literal: .literal
    case .folded: .folded
    case .any, .plain: .plain
    }
  }

  private func check(tag: Tag, allowed: [Tag.Name], at place: Place) {
    guard !tag.rawValue.isEmpty, !allowed.contains(where: { $0.rawValue == tag.rawValue }) else { return }
    let name = tag.rawValue.replacingPrefix("tag:yaml.org,2002:", by: "!!")
    complaints.error(
      "the tag \(quoted(name)) has no meaning here", "remove it: types are known from the keys", at: place)
  }

  private mutating func entries(of mapping: Node.Mapping, depth: Int) -> [FileNode.Entry] {
    var own: [FileNode.Entry] = []
    var merged: [FileNode.Entry] = []
    var merge: Place?
    for (keyNode, valueNode) in mapping {
      let place = place(of: keyNode)
      guard case .scalar(let scalar) = keyNode else {
        complaints.error("a key must be a text", "put it in quotes if it is one", at: place)
        continue
      }
      let key = keys.name(at: place.offset ?? 0, read: scalar.string)
      let value = build(valueNode, depth: depth + 1)
      if key == "<<", scalar.style == .plain || scalar.style == .any {
        if let merge { complainOfDouble(key, at: place, first: merge) }
        merge = place
        merged += mergedEntries(value, at: place)
      } else if let first = own.first(where: { $0.key == key }) {
        complainOfDouble(key, at: place, first: first.keyPlace)
      } else {
        own.append(.init(key: key, keyPlace: place, value: value))
      }
    }
    for entry in merged where !own.contains(where: { $0.key == entry.key }) { own.append(entry) }
    return own
  }

  private func complainOfDouble(_ key: String, at place: Place, first: Place) {
    complaints.error(
      "the key \(quoted(key)) stands twice in this mapping, first at \(first.described(from: place))",
      "remove one of the two", at: place)
  }

  /// What `<<` brings: of several mappings the first that has a key wins.
  private func mergedEntries(_ value: FileNode, at place: Place) -> [FileNode.Entry] {
    let mappings: [FileNode]
    if case .list(let items) = value.content { mappings = items } else { mappings = [value] }
    var result: [FileNode.Entry] = []
    for mapping in mappings {
      guard let entries = mapping.entries else {
        complaints.error(
          "'<<' merges mappings, and this is \(mapping.kind)", "give the alias of a mapping", at: place)
        continue
      }
      for entry in entries where !result.contains(where: { $0.key == entry.key }) { result.append(entry) }
    }
    return result
  }
}

extension String {
  func replacingPrefix(_ prefix: String, by replacement: String) -> String {
    hasPrefix(prefix) ? replacement + dropFirst(prefix.count) : self
  }
}
