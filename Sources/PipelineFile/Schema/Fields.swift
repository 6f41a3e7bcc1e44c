/// A mapping whose keys the schema knows.
struct Fields {
  /// What the mapping is, for messages: `stage 'clean'`.
  let owner: String
  let place: Place
  private let entries: [FileNode.Entry]

  /// Complains of unknown keys; nil if the node is no mapping. `key:` with nothing behind it is an empty one
  /// where `optional`.
  init?(_ node: FileNode, owner: String, known: [String], optional: Bool = false, reading: Reading) {
    self.owner = owner
    place = node.place
    guard let entries = node.entries else {
      guard optional, node.scalar?.isAbsent == true else {
        reading.error(
          "\(owner) must be a mapping, and this is \(node.kind)",
          "known keys: \(known.joined(separator: ", "))",
          at: node.place)
        return nil
      }
      self.entries = []
      return
    }
    self.entries = entries
    for entry in entries where !known.contains(entry.key) {
      let hint = nearest(to: entry.key, among: known).map { "did you mean \(quoted($0))? " } ?? ""
      reading.error(
        "unknown key \(quoted(entry.key)) in \(owner)", "\(hint)known: \(known.joined(separator: ", "))",
        at: entry.keyPlace)
    }
  }

  subscript(key: String) -> FileNode? { entry(key)?.value }

  func entry(_ key: String) -> FileNode.Entry? { entries.first { $0.key == key } }

  /// Those of the keys that are there, in the order of the file.
  func present(_ keys: [String]) -> [FileNode.Entry] { entries.filter { keys.contains($0.key) } }

  var keys: [String] { entries.map(\.key) }
}
