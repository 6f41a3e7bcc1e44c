/// `file: path`, or `file: { path: ..., options }`.
struct FileOptions {
  let path: FileNode
  let fields: Fields

  init?(_ node: FileNode, owner: String, extra: [String], reading: Reading) {
    let known = ["path"] + extra + FormatReader.keys
    var node = node
    if node.scalar != nil {
      let path = FileNode.Entry(key: "path", keyPlace: node.place, value: node)
      node = FileNode(content: .map([path]), place: node.place)
    }
    guard let fields = Fields(node, owner: owner, known: known, reading: reading) else { return nil }
    guard let path = fields["path"] else {
      reading.error("\(owner) has no path", "write 'path: ...' in it", at: node.place)
      return nil
    }
    self.path = path
    self.fields = fields
  }
}
