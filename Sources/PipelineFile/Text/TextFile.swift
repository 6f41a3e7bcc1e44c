import Glibc

/// Reads a pipeline file and refuses what is no text, each with its place.
struct TextFile {
  /// A pipeline file is written by hand: more is a mistake, such as a data file.
  static let largest = 4 << 20

  /// The text, or nil after a complaint.
  static func read(path: String, shown: String, complaints: Complaints) -> SourceText? {
    let whole = Place(SourceText(file: shown, bytes: []), nil)
    guard var bytes = readBytes(path: path, whole: whole, complaints: complaints) else { return nil }
    guard bytes.count <= largest else {
      complaints.error("is larger than 4MiB", "give a pipeline file, which is YAML", at: whole)
      return nil
    }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      complaints.error("is UTF-16", "save it as UTF-8", at: whole)
      return nil
    }
    let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    if hasMark { bytes.removeFirst(3) }
    let source = SourceText(file: shown, bytes: bytes)
    if hasMark {
      complaints.error(
        "the file begins with a byte order mark", "save it as UTF-8 without one", at: Place(source, 0))
    }
    guard checkCharacters(of: source, complaints: complaints) else { return nil }
    return source
  }

  private static func readBytes(path: String, whole: Place, complaints: Complaints) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      complaints.error("cannot be read: \(String(cString: strerror(errno)))", "", at: whole)
      return nil
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= largest {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count == 0 { break }
      guard count > 0 else {
        if errno == EINTR { continue }
        let remedy = errno == EISDIR ? "give the path of a pipeline file" : ""
        complaints.error("cannot be read: \(String(cString: strerror(errno)))", remedy, at: whole)
        return nil
      }
      bytes.append(contentsOf: buffer[..<count])
    }
    return bytes
  }

  private static func checkCharacters(of source: SourceText, complaints: Complaints) -> Bool {
    let bytes = source.bytes
    if let offset = invalidUTF8(bytes) {
      complaints.error("the bytes here are not UTF-8", "save the file as UTF-8", at: Place(source, offset))
      return false
    }
    for (offset, byte) in bytes.enumerated() where byte < 0x20 || byte == 0x7F {
      if byte == 0x09 || byte == 0x0A || byte == 0x0D { continue }
      let name = byte == 0 ? "a NUL byte" : "the control character \\u{" + String(byte, radix: 16) + "}"
      complaints.error("\(name) in the text", "remove it", at: Place(source, offset))
      return false
    }
    let blank = bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    if blank {
      complaints.error(
        "the file is empty", "declare a source and a sink under 'stages:'", at: Place(source, 0))
    }
    return !blank
  }

  /// Offset of the first byte that is not part of valid UTF-8.
  private static func invalidUTF8(_ bytes: [UInt8]) -> Int? {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var offset = 0
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): offset += UTF8.width(scalar)
      case .emptyInput: return nil
      case .error: return offset
      }
    }
  }
}
