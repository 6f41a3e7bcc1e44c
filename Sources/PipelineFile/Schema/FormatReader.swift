/// Reads how a file's records are written: by key, by name, or by the path's extension.
struct FormatReader {
  enum Role {
    case source, table, sink
  }
  let reading: Reading
  let role: Role
  static let keys = ["csv", "jsonl", "lines", "format"]

  /// The format, or nil after a complaint.
  func read(_ fields: Fields, path: String?, at place: Place) -> FileFormat? {
    let present = fields.present(Self.keys)
    for other in present.dropFirst() {
      reading.error(
        "both '\(present[0].key)' and '\(other.key)' say the format", "keep one of them", at: other.keyPlace)
    }
    guard let entry = present.first else { return inferred(from: path, owner: fields.owner, at: place) }
    switch entry.key {
    case "csv":
      return CSVReader(reading: reading, role: role).read(
        entry.value, path: path, owner: "'csv' of \(fields.owner)")
    case "format":
      guard let name = reading.text(entry.value, "'format'") else { return nil }
      guard let format = named(name, path: path) else {
        let hint =
          nearest(to: name, among: ["csv", "jsonl", "lines"]).map { "did you mean \(quoted($0))? " } ?? ""
        reading.error(
          "'format': \(quoted(name)) is not one of the choices", "\(hint)write csv, jsonl or lines",
          at: entry.value.place)
        return nil
      }
      return checked(format, at: entry.value.place)
    default:
      _ = Fields(
        entry.value, owner: "'\(entry.key)' of \(fields.owner)", known: [], optional: true, reading: reading)
      return checked(entry.key == "jsonl" ? .jsonLines : .lines, at: entry.keyPlace)
    }
  }

  private func inferred(from path: String?, owner: String, at place: Place) -> FileFormat? {
    guard let path else { return nil }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let ending = name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]).lowercased() } ?? ""
    let format: FileFormat
    switch ending {
    case "csv", "tsv": format = .csv(CSVReader.standard(for: path))
    case "jsonl", "ndjson": format = .jsonLines
    case "txt", "log": format = .lines
    case "gz", "zst", "bz2", "xz", "zip":
      reading.error(
        "compressed files are not available in this version",
        "unpack it, or unpack it into standard input ('-')",
        at: place)
      return nil
    default:
      let why =
        path == "-" ? "standard input has no extension" : "\(quoted(name)) has no extension that is known"
      reading.error(
        "\(why), so its format is open", "write '{ path: \(path), format: csv }', or jsonl, or lines",
        at: place)
      return nil
    }
    reading.note(owner, "format", "\(Self.name(format)), from the extension '.\(ending)'")
    return checked(format, at: place)
  }

  private func named(_ name: String, path: String?) -> FileFormat? {
    switch name {
    case "csv": .csv(CSVReader.standard(for: path))
    case "jsonl": .jsonLines
    case "lines": .lines
    default: nil
    }
  }

  private func checked(_ format: FileFormat, at place: Place) -> FileFormat? {
    guard role == .table, format == .lines else { return format }
    reading.error("lines have no fields, so they make no table", "use a csv or jsonl file", at: place)
    return nil
  }

  static func name(_ format: FileFormat) -> String {
    switch format {
    case .csv: "csv"
    case .jsonLines: "jsonl"
    case .lines: "lines"
    }
  }
}
