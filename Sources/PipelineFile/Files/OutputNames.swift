/// The files that one sink writes: its path or, with several workers or rotation, a family named after it.
///
/// A worker's number and a part's stand before the extension: `late.0.jsonl`, `late.000001.jsonl`,
/// `late.0.000001.jsonl`. Parts count from 1, workers from 0.
package struct OutputNames: Sendable, Equatable {
  private let stem: String
  private let ending: String
  private let workers: Int
  private let isRotated: Bool

  package init(path: String, workers: Int = 1, isRotated: Bool = false) {
    let start = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
    let dot = path[start...].lastIndex(of: ".")
    // A name that begins with its only dot has no extension.
    let split = dot.flatMap { $0 == start ? nil : $0 } ?? path.endIndex
    stem = String(path[..<split])
    ending = String(path[split...])
    self.workers = workers
    self.isRotated = isRotated
  }

  /// Whether there is one file, with the path as it is.
  package var isSingle: Bool { workers == 1 && !isRotated }

  package func path(worker: Int = 0, part: Int = 1) -> String {
    var name = stem
    if workers > 1 { name += ".\(worker)" }
    if isRotated {
      let digits = String(part)
      name += "." + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }
    return name + ending
  }

  /// What stands before and behind the number of a worker's parts.
  package func frame(worker: Int) -> (front: String, back: String) {
    (stem + (workers > 1 ? ".\(worker)." : "."), ending)
  }

  /// The path, or `late.*.jsonl` for a family.
  package var pattern: String { isSingle ? stem + ending : stem + ".*" + ending }

  package func contains(_ path: String) -> Bool {
    guard path.utf8.count >= stem.utf8.count + ending.utf8.count, path.hasPrefix(stem), path.hasSuffix(ending)
    else { return false }
    var rest = path.dropFirst(stem.count).dropLast(ending.count)
    if workers > 1 {
      guard let digits = Self.takeNumber(&rest), let worker = Int(digits), worker < workers,
        digits == String(worker)
      else { return false }
    }
    if isRotated {
      guard let digits = Self.takeNumber(&rest), digits.count >= 6,
        digits.count == 6 || !digits.hasPrefix("0")
      else { return false }
    }
    return rest.isEmpty
  }

  /// A path that both would write, if there is one.
  package func shared(with other: OutputNames) -> String? {
    if isRotated && !other.isRotated { return other.shared(with: self) }
    // Of two rotated families either all parts of a worker meet or none.
    return (0..<workers).lazy.map { path(worker: $0) }.first(where: other.contains)
  }

  /// The digits behind a dot at the beginning.
  private static func takeNumber(_ text: inout Substring) -> String? {
    guard text.first == "." else { return nil }
    let digits = text.dropFirst().prefix { $0.isASCII && $0.isNumber }
    text = text[digits.endIndex...]
    return digits.isEmpty ? nil : String(digits)
  }
}

extension FileTarget {
  /// What the workers of a sink with this target write.
  package func names(workers: Int) -> OutputNames {
    OutputNames(path: path, workers: workers, isRotated: rotation != nil)
  }

  /// The same as it is shown.
  package func shownNames(workers: Int) -> OutputNames {
    OutputNames(path: shown, workers: workers, isRotated: rotation != nil)
  }
}
