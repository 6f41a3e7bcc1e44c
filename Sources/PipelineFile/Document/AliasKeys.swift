/// Refuses files in which Yams would expand aliases without end.
///
/// Yams hashes keys to find doubled ones; a key that holds nested aliases takes exponential time there,
/// before any limit on the tree can hold. A key needs no alias, and few aliases cannot explode: only files
/// with many are looked at.
enum AliasKeys {
  static func areHarmless(in source: SourceText, complaints: Complaints) -> Bool {
    let bytes = source.bytes
    var aliases = 0
    var suspicious: Int?
    for (i, byte) in bytes.enumerated() where byte == UInt8(ascii: "*") && startsToken(bytes, i) {
      aliases += 1
      var end = i + 1
      while end < bytes.count, isName(bytes[end]) { end += 1 }
      while end < bytes.count, Array(" ]}".utf8).contains(bytes[end]) { end += 1 }
      let isKey = end < bytes.count && bytes[end] == UInt8(ascii: ":")
      if isKey || isBehindQuestionMark(source, i) { suspicious = suspicious ?? i }
    }
    guard aliases > 24, let suspicious else { return true }
    complaints.error(
      "an alias as a key, in a file with \(aliases) aliases", "write the key itself",
      at: Place(source, suspicious))
    return false
  }

  private static func startsToken(_ bytes: [UInt8], _ i: Int) -> Bool {
    guard i + 1 < bytes.count, isName(bytes[i + 1]) else { return false }
    return i == 0 || Array(" \n\r\t[{,?:-".utf8).contains(bytes[i - 1])
  }

  private static func isName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  private static func isBehindQuestionMark(_ source: SourceText, _ i: Int) -> Bool {
    source.bytes[source.lineStart(at: i)..<i].contains(UInt8(ascii: "?"))
  }
}
