/// Reads `source`.
struct SourceReader {
  let reading: Reading

  func read(_ entry: FileNode.Entry, _ draft: inout StageDraft) -> StageWork? {
    let owner = "'source' of \(draft.owner)"
    let known = ["file"] + UseReader.keys
    guard let fields = Fields(entry.value, owner: owner, known: known, reading: reading) else { return nil }
    let present = fields.present(["file", "use"])
    guard let first = present.first else {
      if fields.keys.isEmpty {
        reading.error("\(owner) is empty", "write '{ file: path }'", at: fields.place)
      }
      return nil
    }
    guard present.count == 1 else {
      reading.error(
        "\(owner) has both '\(first.key)' and '\(present[1].key)'", "make two sources of it",
        at: present[1].keyPlace)
      return nil
    }
    if first.key == "file" {
      if let with = fields.entry("with") {
        reading.error("'with' is for 'use', and \(owner) has 'file'", "remove it", at: with.keyPlace)
      }
      return FileSourceReader(reading: reading).read(first.value, &draft).map(StageWork.source)
    }
    draft.workPlace = first.value.place
    guard let read = UseReader(reading: reading).read(fields, kind: .source, owner: owner) else {
      return nil
    }
    return .userSource(UserSourcePlan(use: read.plan, isEndless: read.check.isEndless))
  }
}
