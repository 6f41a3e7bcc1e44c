/// Lays one file over another: mappings merge deep, lists and texts replace.
enum Overlay {
  /// Values keep the places of the files that they came from.
  static func merge(_ base: FileNode, with overlay: FileNode) -> FileNode {
    guard var entries = base.entries, let changes = overlay.entries else { return overlay }
    for change in changes {
      if let index = entries.firstIndex(where: { $0.key == change.key }) {
        entries[index].value = merge(entries[index].value, with: change.value)
        if entries[index].value.place.source === change.keyPlace.source {
          entries[index].keyPlace = change.keyPlace
        }
      } else {
        entries.append(change)
      }
    }
    return FileNode(content: .map(entries), place: base.place)
  }
}
