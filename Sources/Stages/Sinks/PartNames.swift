import POSIXKit
import PipelineFile

/// How the files of one slot of a sink are named (see `OutputNames`). A part that is not closed yet has `.open`
/// behind its name, so that whoever collects parts by their extension never takes half of one.
struct PartNames {
  static let openSuffix = ".open"

  let folder: String
  private let slot: Int
  private let single: OutputNames
  private let parts: OutputNames
  /// A part's path before and behind its number.
  private let front: String
  private let back: String

  /// `path` is that of the plan; `slots` is how many workers the sink has.
  init(path: String, slot: Int, of slots: Int) {
    let slash = path.lastIndex(of: "/")
    folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    self.slot = slot
    single = OutputNames(path: path, workers: slots)
    parts = OutputNames(path: path, workers: slots, isRotated: true)
    (front, back) = parts.frame(worker: slot)
  }

  /// The file of a slot that is not rotated.
  var whole: String { single.path(worker: slot) }

  /// All parts, for people.
  var pattern: String { front + "*" + back }

  func closed(_ number: UInt32) -> String { parts.path(worker: slot, part: Int(number)) }

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
    var path =
      front.last(where: { $0 == "/" }) == nil ? name : folder == "/" ? "/" + name : "\(folder)/\(name)"
    if path.hasSuffix(Self.openSuffix) { path.removeLast(Self.openSuffix.count) }
    guard path.utf8.count > front.utf8.count + back.utf8.count, path.hasPrefix(front), path.hasSuffix(back)
    else { return nil }
    let digits = path.dropFirst(front.count).dropLast(back.count)
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt32(digits) else {
      return nil
    }
    // Only what this would write itself: not 0000001.
    return closed(number) == path ? number : nil
  }
}
