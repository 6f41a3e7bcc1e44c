import Yams

/// Gives doubled keys another name for as long as a file is read.
///
/// One code point of the key is replaced by one of the private use area: marks count code points, so no
/// mark moves.
struct DoubledKeys {
  private let source: SourceText
  private(set) var text: String
  /// The offset of a key in the file, and its own name.
  private var names: [Int: String] = [:]
  private var repairs: [Int: UInt32] = [:]
  private static let first: UInt32 = 0xE000
  private static let limit: UInt32 = 200

  init(source: SourceText) {
    self.source = source
    text = String(decoding: source.bytes, as: UTF8.self)
  }

  func isRenamed(at mark: Mark) -> Bool { repairs[offset(of: mark)] != nil }

  /// The name that the key at the offset has in the file.
  func name(at offset: Int, read: String) -> String {
    guard let replacement = repairs[offset], let scalar = Unicode.Scalar(replacement) else { return read }
    guard let index = read.unicodeScalars.firstIndex(of: scalar) else { return read }
    var scalars = read.unicodeScalars
    scalars.replaceSubrange(index...index, with: (names[offset] ?? "").unicodeScalars)
    return String(scalars)
  }

  /// False if the key at the mark cannot be given another name.
  mutating func rename(at mark: Mark) -> Bool {
    let key = offset(of: mark)
    let next = Self.first + UInt32(repairs.count)
    guard repairs[key] == nil, UInt32(repairs.count) < Self.limit else { return false }
    let bytes = source.bytes
    var start = ScalarMap.contentStart(in: source, from: key)
    guard start < bytes.count else { return false }
    if bytes[start] == UInt8(ascii: "'") || bytes[start] == UInt8(ascii: "\"") { start += 1 }
    guard start < bytes.count, !Array("'\"\\*?{[ \n\r|>".utf8).contains(bytes[start]) else { return false }
    var end = start + 1
    while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
    repairs[key] = next
    names[key] = String(decoding: bytes[start..<end], as: UTF8.self)
    starts[key] = start
    text = repairedText()
    return true
  }

  private var starts: [Int: Int] = [:]

  private func repairedText() -> String {
    var bytes = source.bytes
    for (key, start) in starts.sorted(by: { $0.value > $1.value }) {
      let width = (names[key] ?? "").utf8.count
      let scalar = repairs[key].flatMap(Unicode.Scalar.init) ?? "?"
      bytes.replaceSubrange(start..<(start + width), with: Array(String(scalar).utf8))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func offset(of mark: Mark) -> Int {
    source.offset(yamlLine: mark.line, yamlColumn: mark.column)
  }
}
