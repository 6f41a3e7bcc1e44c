/// Reads `use` and `with`: a type of the program's own, and its settings.
struct UseReader {
  let reading: Reading
  static let keys = ["use", "with"]

  /// `fields` has `use`. What the type says of its settings comes with the plan; nil after a complaint.
  func read(_ fields: Fields, kind: UserKind, owner: String) -> (plan: UsePlan, check: UserTypeCheck)? {
    guard let entry = fields.entry("use"), let name = reading.filledText(entry.value, "'use'") else {
      return nil
    }
    guard isKnown(name, kind, at: entry.value.place) else { return nil }
    var places: [Place] = []
    let settings = fields["with"].map { Self.setting($0, &places) }
    if let with = fields["with"], with.entries == nil, with.scalar?.isAbsent != true {
      reading.error(
        "'with' must be a mapping, and this is \(with.kind)", "write '{ key: value }'", at: with.place)
      return nil
    }
    let position = entry.value.place.position
    let plan = UsePlan(
      name: name, settings: settings.flatMap(Self.mapping) ?? SettingNode(.map([]), position: position),
      position: position)
    let check = reading.userTypes.check(kind, plan)
    for problem in check.problems {
      let place = places.first { $0.position == problem.position } ?? entry.value.place
      reading.error(problem.message, problem.remedy, at: place)
    }
    for standard in check.defaults {
      reading.note("\(quoted(name)) in \(owner)", standard.key, standard.value)
    }
    return check.problems.isEmpty ? (plan, check) : nil
  }

  private func isKnown(_ name: String, _ kind: UserKind, at place: Place) -> Bool {
    if reading.userTypes.knows(kind, name) { return true }
    let known = reading.userTypes.names(kind)
    if known.isEmpty {
      reading.error(
        "this program brings no \(kind.rawValue) of its own, and \(quoted(name)) would be one",
        "register it in a program that imports Procession ('procession new NAME' writes one)", at: place)
      return false
    }
    let hint = nearest(to: name, among: known).map { "did you mean \(quoted($0))? " } ?? ""
    reading.error(
      "no \(kind.rawValue) \(quoted(name)) is registered in this program",
      "\(hint)registered: \(known.joined(separator: ", "))", at: place)
    return false
  }

  private static func mapping(_ node: SettingNode) -> SettingNode? {
    if case .map = node.content { return node }
    return nil
  }

  /// The settings without their source, and all places in them.
  private static func setting(_ node: FileNode, _ places: inout [Place]) -> SettingNode {
    places.append(node.place)
    let content: SettingNode.Content
    switch node.content {
    case .scalar(let scalar): content = .text(scalar.text, isPlain: scalar.isPlain)
    case .list(let items): content = .list(items.map { setting($0, &places) })
    case .map(let entries):
      content = .map(
        entries.map { entry in
          places.append(entry.keyPlace)
          return SettingNode.Entry(
            key: entry.key, keyPosition: entry.keyPlace.position, value: setting(entry.value, &places))
        })
    }
    return SettingNode(content, position: node.place.position)
  }
}
