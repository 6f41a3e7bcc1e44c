import Yams

/// Reads one file as YAML, into values with places.
///
/// Composed nodes, no decoder: Yams' resolver would turn `NO` into a boolean and `1:30` into ninety.
struct YAMLReader {
  let source: SourceText
  let complaints: Complaints

  /// The file's mapping, or nil after a complaint.
  static func read(_ source: SourceText, complaints: Complaints) -> FileNode? {
    let reader = YAMLReader(source: source, complaints: complaints)
    guard AliasKeys.areHarmless(in: source, complaints: complaints) else { return nil }
    var keys = DoubledKeys(source: source)
    guard let root = reader.compose(&keys) else { return nil }
    var builder = TreeBuilder(source: source, complaints: complaints, keys: keys)
    return builder.root(root)
  }

  /// Yams gives up at a mapping with a doubled key. The first of the two is given another name and the file
  /// read again, so that whatever else is wrong is still found; the builder sees both under their own name.
  private func compose(_ keys: inout DoubledKeys) -> Node? {
    while true {
      do throws(YAMLFailure) {
        return try parse(keys.text)
      } catch {
        if case .doubled(let names, let mark) = error, keys.rename(at: mark) == false {
          complaints.error(
            "the key \(quoted(names.first ?? "")) stands twice in this mapping", "remove one of the two",
            at: Place(source, offset(of: mark)))
        }
        switch error {
        case .doubled(_, let mark) where keys.isRenamed(at: mark): continue
        case .doubled: return nil
        case .syntax(let syntax):
          complain(of: syntax)
          return nil
        }
      }
    }
  }

  private enum YAMLFailure: Error {
    case doubled([String], Mark)
    case syntax(any Error)
  }

  private func parse(_ text: String) throws(YAMLFailure) -> Node? {
    do {
      let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
      guard let root = try parser.nextRoot() else {
        complaints.error(
          "the file holds comments only", "declare a source and a sink under 'stages:'", at: Place(source, 0))
        return nil
      }
      if let second = try parser.nextRoot() {
        complaints.error(
          "a second document begins here", "write one pipeline to a file; remove the '---'",
          at: Place(source, second.mark.map(offset(of:)) ?? 0))
      }
      return root
    } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
      throw .doubled(duplicates, context.mark)
    } catch {
      throw .syntax(error)
    }
  }

  private func offset(of mark: Mark) -> Int {
    source.offset(yamlLine: mark.line, yamlColumn: mark.column)
  }

  private func complain(of error: any Error) {
    let place: Place
    let problem: YAMLProblem
    switch error {
    case YamlError.scanner(let context, let text, let mark, _),
      YamlError.parser(let context, let text, let mark, _),
      YamlError.composer(let context, let text, let mark, _):
      place = Place(source, offset(of: mark))
      problem = YAMLProblem(
        text: text, context: context.map { ($0.text, Place(source, offset(of: $0.mark))) }, place: place)
    case YamlError.reader(_, _, let value, _):
      let scalar = Unicode.Scalar(UInt32(bitPattern: value))
      let needle = scalar.map { Array(String($0).utf8) } ?? []
      place = Place(source, source.firstOffset(of: needle) ?? 0)
      let name = "\\u{" + String(UInt32(bitPattern: value), radix: 16) + "}"
      complaints.error("the control character \(name) in the text", "remove it", at: place)
      return
    default:
      complaints.error("this is not YAML: \(error)", "", at: Place(source, nil))
      return
    }
    complaints.error(problem.message, problem.remedy, at: problem.shownPlace)
  }
}

extension SourceText {
  /// Where a run of bytes is first found.
  func firstOffset(of needle: [UInt8]) -> Int? {
    guard !needle.isEmpty, bytes.count >= needle.count else { return nil }
    return (0...(bytes.count - needle.count)).first { bytes[$0...].starts(with: needle) }
  }
}
