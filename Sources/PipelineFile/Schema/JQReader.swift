/// Reads a jq program, and recognises one that YAML has mangled.
struct JQReader {
  let reading: Reading

  func read(_ node: FileNode, key: String) -> JQPlan? {
    guard let scalar = node.scalar else {
      reading.error(
        "YAML reads the program of '\(key)' as \(node.kind)", "write the program under '|'", at: node.place)
      return nil
    }
    guard scalar.written.utf8.contains(where: { $0 != 0x20 && $0 != 0x0A && $0 != 0x09 }) else {
      reading.error("'\(key)' has no program", "write a jq program", at: node.place)
      return nil
    }
    let program = scalar.written
    let map = ScalarMap(node)
    let check = reading.checker(program, ["vars"])
    for warning in check.warnings {
      reading.complaints.warning(oneLine(warning.message), at: map.place(of: warning.offset))
    }
    if let error = check.error {
      if scalar.isPlain, let comment = comment(behind: map.end, in: node.place.source) {
        reading.error(
          "YAML takes this '#' for the beginning of a comment, and the jq program before it is broken: "
            + oneLine(error.message), "write the program under '|'", at: comment)
      } else {
        reading.error(oneLine(error.message), "", at: map.place(of: error.offset))
      }
      return nil
    }
    return JQPlan(program: program, position: map.place(of: 0).position)
  }

  /// The `#` that follows a plain scalar on its line.
  private func comment(behind end: Int, in source: SourceText) -> Place? {
    let rest = source.bytes[end..<source.lineEnd(at: end)]
    guard let mark = rest.firstIndex(where: { $0 != 0x20 && $0 != 0x09 }), rest[mark] == UInt8(ascii: "#")
    else {
      return nil
    }
    return Place(source, mark)
  }

  private func oneLine(_ message: String) -> String {
    let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.hasPrefix("jq") ? line : "jq: \(line)"
  }
}
