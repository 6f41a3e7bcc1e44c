import POSIXKit

/// How the files of one slot of a sink are named: `late.jsonl`, with several workers `late.0.jsonl`, and the parts
/// of a rotated one `late.000001.jsonl` or `late.0.000001.jsonl`. A part that is not closed yet has `.open` behind
/// that, so that whoever collects parts by their extension never takes half of one.
struct PartNames {
  static let openSuffix = ".open"

  let folder: String
  /// The folder as it stands in the path, with its slash.
  private let prefix: String
  /// What stands before a part's number, without the dot; the whole name of what is not rotated is this and
  /// the extension.
  private let stem: String
  /// With its dot; empty where there is none.
  private let fileExtension: String

  /// `path` is that of the plan; `slots` is how many workers the sink has.
  init(path: String, slot: Int, of slots: Int) {
    let slash = path.lastIndex(of: "/")
    folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    prefix = slash.map { String(path[...$0]) } ?? ""
    let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
    if let dot = name.lastIndex(of: "."), dot > name.startIndex {
      fileExtension = String(name[dot...])
      stem = String(name[..<dot]) + (slots > 1 ? ".\(slot)" : "")
    } else {
      fileExtension = ""
      stem = String(name) + (slots > 1 ? ".\(slot)" : "")
    }
  }

  /// The file of a slot that is not rotated.
  var whole: String { path(of: stem + fileExtension) }

  /// All parts, for people.
  var pattern: String { path(of: "\(stem).*\(fileExtension)") }

  func closed(_ number: UInt32) -> String {
    let digits = String(number)
    let padded = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    return path(of: "\(stem).\(padded)\(fileExtension)")
  }

  func open(_ number: UInt32) -> String { closed(number) + Self.openSuffix }

  /// The numbers of the parts that are there, open or closed, ascending.
  func present() throws(SystemCallError) -> [UInt32] {
    var numbers: Set<UInt32> = []
    for name in try namesInFolder(folder) {
      if let number = number(of: name) { numbers.insert(number) }
    }
    return numbers.sorted()
  }

  private func number(of name: String) -> UInt32? {
    var rest = name[...]
    if rest.hasSuffix(Self.openSuffix) { rest = rest.dropLast(Self.openSuffix.count) }
    guard rest.hasPrefix(stem + "."), rest.hasSuffix(fileExtension) else { return nil }
    rest = rest.dropFirst(stem.count + 1)
    guard rest.count >= 6 + fileExtension.count else { return nil }
    rest = rest.dropLast(fileExtension.count)
    guard rest.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt32(rest) else { return nil }
    // Only what this would write itself: not 0000001.
    return path(of: String(name)).hasPrefix(closed(number)) ? number : nil
  }

  private func path(of name: String) -> String { prefix + name }
}
