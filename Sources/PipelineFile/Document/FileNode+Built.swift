extension FileNode {
  /// A value that a program has built instead of writing it in a file. Nothing in it is interpolated.
  init(built node: SettingNode) {
    let place = Place(SourceText(only: node.position), 0)
    let content: Content =
      switch node.content {
      case .text(let text, let isPlain):
        .scalar(
          Scalar(
            text: Interpolation.escaped(text), style: isPlain ? .plain : .double, written: text))
      case .list(let items): .list(items.map(FileNode.init(built:)))
      case .map(let entries):
        .map(
          entries.map { entry in
            Entry(
              key: entry.key, keyPlace: Place(SourceText(only: entry.keyPosition), 0),
              value: FileNode(built: entry.value))
          })
      }
    self.init(content: content, place: place)
  }
}
