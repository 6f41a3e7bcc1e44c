import Glibc

/// Work on long texts, which tests leave to this target: it is optimized, and they are not.
extension [UInt8] {
  /// A piece many times over.
  package init(_ piece: [UInt8], times: Int) {
    self.init()
    reserveCapacity(piece.count * times)
    for _ in 0..<times { append(contentsOf: piece) }
  }

  /// How many bytes at the start of both are the same.
  package func commonPrefix(with other: [UInt8]) -> Int {
    let most = Swift.min(count, other.count)
    if memcmp(self, other, most) == 0 { return most }
    return (0..<most).first { self[$0] != other[$0] }!
  }

  package func isPrefix(of other: [UInt8]) -> Bool { commonPrefix(with: other) == count }

  /// Whether a piece is anywhere in it.
  package func holds(_ piece: [UInt8]) -> Bool {
    guard piece.count <= count else { return false }
    return withUnsafeBytes { bytes in
      (0...count - piece.count).contains { memcmp(bytes.baseAddress! + $0, piece, piece.count) == 0 }
    }
  }
}

/// JSON lines, one for each number.
package func jsonLines(_ numbers: some Sequence<Int>, _ line: (Int) -> String) -> String {
  var text = ""
  for number in numbers {
    text += line(number)
    text += "\n"
  }
  return text
}
