/// What libyaml says is wrong, said for people who write pipelines.
struct YAMLProblem {
  /// libyaml's own words.
  let text: String
  let context: (text: String, place: Place)?
  let place: Place

  /// Where to look: for quotes that stay open that is where they were opened, not the end of the file.
  var shownPlace: Place {
    text == "found unexpected end of stream" ? context?.place ?? place : place
  }

  var message: String {
    if isTab { return "a tab where YAML wants blanks" }
    switch text {
    case "found unknown escape character":
      return "'\\\(next(after: 1))' is no escape of YAML's double quotes"
    case "found undefined alias": return "the alias has no anchor above it"
    case "found character that cannot start any token": return "a value cannot begin with '\(next(after: 0))'"
    case "mapping values are not allowed in this context": return "a ':' where no key can stand"
    case "could not find expected ':'": return "a key without ':'"
    case "found unexpected end of stream": return "the quotes opened here are never closed"
    case "did not find expected ',' or '}'": return "expected ',' or '}' in the braces opened\(opened)"
    case "did not find expected ',' or ']'": return "expected ',' or ']' in the brackets opened\(opened)"
    case "did not find expected key": return "expected a key here, indented as the mapping\(opened) is"
    case "did not find expected node content": return "expected a value here"
    case "did not find expected '-' indicator": return "expected '- ' here, indented as the list\(opened) is"
    case "found undefined tag handle": return "an unknown tag"
    case let text where text.hasPrefix("Maximum nesting level"): return "nested too deeply"
    default: return "this is not YAML: \(text)"
    }
  }

  var remedy: String {
    if isTab { return "indent with blanks" }
    if let key = programKey { return "if this is the jq program of '\(key)', write the program under '|'" }
    switch text {
    case "found unknown escape character": return "write '\\\\' for a backslash, or use single quotes"
    case "found undefined alias": return "write the anchor ('&name') before its aliases"
    case "found character that cannot start any token": return "put the value in quotes"
    case "mapping values are not allowed in this context":
      return "put the value in quotes; if the line above is a key, end it with ':'"
    case "did not find expected node content": return "put a text that begins so in quotes"
    case "found unexpected end of stream": return "close them"
    case "could not find expected ':'": return "write 'key: value'"
    case "found undefined tag handle": return "remove it: types are known from the keys"
    default: return ""
    }
  }

  private var opened: String {
    guard let context else { return "" }
    return context.place.position.line == 0 ? "" : " at \(context.place.described(from: place))"
  }

  private var isTab: Bool {
    guard text == "found character that cannot start any token" || text.contains("tab") else { return false }
    guard let offset = place.offset, offset < place.source.bytes.count else { return false }
    return place.source.bytes[offset] == 0x09
  }

  /// The character some bytes behind the place.
  private func next(after distance: Int) -> String {
    guard let offset = place.offset, offset < place.source.bytes.count else { return "" }
    let rest = String(
      decoding: place.source.bytes[offset..<place.source.lineEnd(at: offset)], as: UTF8.self)
    // The mark is at the backslash for most escapes, at the character behind it for none.
    return rest.dropFirst(distance).first.map(String.init) ?? ""
  }

  /// The key of a jq program on the line of the problem, or of where the broken value began.
  private var programKey: String? {
    for candidate in [place, context?.place].compactMap({ $0 }) {
      guard let line = candidate.source.line(candidate.position.line) else { continue }
      for key in ["filter", "map", "key"] {
        let bare = line.drop { " -{".contains($0) }
        if bare.hasPrefix(key + ":") || line.contains("{ \(key): ") || line.contains(", \(key): ")
          || line.contains("{\(key): ")
        {
          return key
        }
      }
    }
    return nil
  }
}
