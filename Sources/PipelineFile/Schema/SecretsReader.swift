/// Checks `secrets`: that each has a source that is there. Their values are not read.
struct SecretsReader {
  let reading: Reading
  let environment: [String: String]

  func check(_ node: FileNode) {
    guard let entries = node.entries else {
      if node.scalar?.isAbsent != true {
        reading.error(
          "'secrets' is a mapping, and this is \(node.kind)", "write '{ name: { env: NAME } }'",
          at: node.place)
      }
      return
    }
    for entry in entries { check(entry) }
  }

  private func check(_ entry: FileNode.Entry) {
    let owner = "secret \(quoted(entry.key))"
    if !Variables.isName(entry.key) {
      reading.error(
        "\(quoted(entry.key)) is no name of a secret", "write letters, digits and '_'", at: entry.keyPlace)
    }
    if let scalar = entry.value.scalar, !scalar.isAbsent {
      // The text is not repeated: it may be the secret itself.
      reading.complaints.errorWithoutLine(
        "\(owner) stands in the file", "write '{ env: NAME }' or '{ file: path }'", at: entry.value.place)
      return
    }
    guard let fields = Fields(entry.value, owner: owner, known: ["env", "file"], reading: reading) else {
      return
    }
    let present = fields.present(["env", "file"])
    guard present.count == 1, let source = present.first else {
      reading.error(
        "\(owner) needs one of 'env' and 'file'", "write '{ env: NAME }' or '{ file: path }'",
        at: fields.place)
      return
    }
    guard let text = reading.filledText(source.value, "'\(source.key)'") else { return }
    let place = source.value.place
    if source.key == "env" {
      if environment[text] == nil {
        reading.error("the environment has no \(quoted(text)), which \(owner) is", "set it", at: place)
      }
    } else {
      _ = InputFiles(reading: reading).one(text, at: place)
    }
  }
}
