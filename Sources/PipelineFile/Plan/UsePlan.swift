/// `use`: a type that the program itself brings, with its settings.
package struct UsePlan: Codable, Sendable, Equatable {
  /// The name under which the program has registered the type.
  package var name: String
  /// What stands under `with`: a mapping.
  package var settings: SettingNode
  package var position: SourcePosition

  package init(name: String, settings: SettingNode, position: SourcePosition) {
    self.name = name
    self.settings = settings
    self.position = position
  }
}

/// A value under `with` as it is written: raw texts, which the program's type gives their types.
package struct SettingNode: Codable, Sendable, Equatable {
  package indirect enum Content: Codable, Sendable, Equatable {
    /// A plain scalar's type is open; a quoted one is text.
    case text(String, isPlain: Bool)
    case list([SettingNode])
    case map([Entry])
  }

  package struct Entry: Codable, Sendable, Equatable {
    package var key: String
    package var keyPosition: SourcePosition
    package var value: SettingNode

    package init(key: String, keyPosition: SourcePosition, value: SettingNode) {
      self.key = key
      self.keyPosition = keyPosition
      self.value = value
    }
  }

  package var content: Content
  package var position: SourcePosition

  package init(_ content: Content, position: SourcePosition) {
    self.content = content
    self.position = position
  }

  /// On one line, as one would write it.
  package var shown: String {
    switch content {
    case .text(let text, let isPlain): isPlain ? text : quoted(text)
    case .list(let items): "[\(items.map(\.shown).joined(separator: ", "))]"
    case .map(let entries):
      entries.isEmpty
        ? "{}" : "{ \(entries.map { "\($0.key): \($0.value.shown)" }.joined(separator: ", ")) }"
    }
  }

  /// Whether it says the same, wherever it stands and in whatever order its keys.
  package func says(_ other: SettingNode) -> Bool {
    switch (content, other.content) {
    case (.text(let left, let isPlain), .text(let right, let otherIsPlain)):
      return left == right && isPlain == otherIsPlain
    case (.list(let left), .list(let right)):
      return left.count == right.count && zip(left, right).allSatisfy { $0.says($1) }
    case (.map(let left), .map(let right)):
      return left.count == right.count
        && left.allSatisfy { entry in
          right.contains { $0.key == entry.key && $0.value.says(entry.value) }
        }
    default: return false
    }
  }
}
