/// Which of the file's variables a jq program may read: what it mentions as `$vars.name`, or all.
///
/// Texts and comments of the program count as well: told too much is safe, too little is not.
struct VariableUse: Equatable {
  private(set) var names: Set<String> = []
  /// `$vars` stands without a name behind it.
  private(set) var usesAll = false

  init(_ program: String) {
    let bytes = Array(program.utf8)
    var index = 0
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    func word(at start: Int) -> String {
      var end = start
      while end < bytes.count, Self.isWordByte(bytes[end]) { end += 1 }
      return String(decoding: bytes[start..<end], as: UTF8.self)
    }
    while index < bytes.count {
      index += 1
      guard bytes[index - 1] == UInt8(ascii: "$") else { continue }
      while index < bytes.count, isBlank(bytes[index]) { index += 1 }
      let variable = word(at: index)
      guard variable == "vars" else { continue }
      index += variable.utf8.count
      var next = index
      while next < bytes.count, isBlank(bytes[next]) { next += 1 }
      guard next < bytes.count, bytes[next] == UInt8(ascii: ".") else {
        usesAll = true
        continue
      }
      let name = word(at: next + 1)
      if name.isEmpty { usesAll = true } else { names.insert(name) }
    }
  }

  /// Names of the variables it may read that differ, in order.
  func changed(from old: [Plan.Variable], to new: [Plan.Variable]) -> [String] {
    if old == new { return [] }
    func value(_ name: String, in vars: [Plan.Variable]) -> String? { vars.first { $0.name == name }?.json }
    let known = Set((old + new).map(\.name))
    let changed = (usesAll ? known : names).filter { value($0, in: old) != value($0, in: new) }.sorted()
    // Where all are used, their order is visible too.
    return changed.isEmpty && usesAll ? ["vars"] : changed
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
