/// Reads `source`.
struct FileSourceReader {
  let reading: Reading

  func read(_ entry: FileNode.Entry, _ draft: inout StageDraft) -> FileSourcePlan? {
    let owner = "'source' of \(draft.owner)"
    guard let fields = Fields(entry.value, owner: owner, known: ["file"], reading: reading) else {
      return nil
    }
    guard let file = fields["file"] else {
      if fields.keys.isEmpty {
        reading.error("\(owner) is empty", "write '{ file: path }'", at: fields.place)
      }
      return nil
    }
    return readFile(file, owner: "'file' of \(draft.owner)", &draft)
  }

  private func readFile(_ node: FileNode, owner: String, _ draft: inout StageDraft) -> FileSourcePlan? {
    guard let options = FileOptions(node, owner: owner, extra: [], reading: reading) else { return nil }
    draft.workPlace = options.path.place
    guard let path = reading.filledText(options.path, "'path'") else { return nil }
    let place = options.path.place
    let format = FormatReader(reading: reading, role: .source).read(options.fields, path: path, at: place)
    guard let files = path == "-" ? [] : InputFiles(reading: reading).all(path, at: place), let format else {
      return nil
    }
    return FileSourcePlan(pattern: path, position: place.position, files: files, format: format)
  }
}
