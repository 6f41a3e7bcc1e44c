/// Reads `source: { file: ... }`.
struct FileSourceReader {
  let reading: Reading

  func read(_ node: FileNode, _ draft: inout StageDraft) -> FileSourcePlan? {
    let owner = "'file' of \(draft.owner)"
    guard let options = FileOptions(node, owner: owner, extra: ["follow", "spool"], reading: reading) else {
      return nil
    }
    draft.workPlace = options.path.place
    guard let path = reading.filledText(options.path, "'path'") else { return nil }
    let place = options.path.place
    let follow = reading.value(options.fields, "follow", default: false, shown: "false", Scalars.boolean)
    let spool = reading.value(options.fields, "spool", default: false, shown: "false", Scalars.boolean)
    let fits = fits(path, options.fields, follow: follow, spool: spool)
    let format = FormatReader(reading: reading, role: .source).read(options.fields, path: path, at: place)
    guard fits, let files = files(path, follow: follow, at: place), let format else { return nil }
    return FileSourcePlan(
      pattern: path, position: place.position, files: files, format: format, follow: follow, spool: spool)
  }

  private func files(_ path: String, follow: Bool, at place: Place) -> [InputFile]? {
    if path == "-" { return [] }
    let files = InputFiles(reading: reading)
    return follow ? files.followed(path, at: place).map { [$0] } : files.all(path, at: place)
  }

  /// Whether what is read can be followed or spooled, as asked for.
  private func fits(_ path: String, _ fields: Fields, follow: Bool, spool: Bool) -> Bool {
    if follow, let place = fields["follow"]?.place {
      if path == "-" {
        reading.error("standard input is read until it ends, as it is", "remove 'follow'", at: place)
        return false
      }
      if InputFiles.isPattern(path) {
        reading.error(
          "one file can be followed, and \(quoted(path)) is a pattern", "name the file", at: place)
        return false
      }
    }
    if spool, path != "-", let place = fields["spool"]?.place {
      reading.error(
        "\(quoted(path)) can be read again, so nothing of it needs to be kept", "remove 'spool'", at: place)
      return false
    }
    return true
  }
}
