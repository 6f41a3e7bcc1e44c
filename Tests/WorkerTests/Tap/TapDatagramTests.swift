import TestSupport
import Testing
import Worker

struct TapDatagramTests {
  private static let head = TapDatagram(slot: "späte.17", dropped: .max - 1, tooLong: 7, count: 2)

  @Test func `a head comes back, and tells where the records begin`() throws {
    let bytes = Self.head.encoded() + Array("1\n2\n".utf8)
    let (head, start) = try bytes.withUnsafeBytes { try TapDatagram.decode($0) }
    #expect(head == Self.head)
    #expect(Array(bytes[start...]) == Array("1\n2\n".utf8))
  }

  @Test func `a head that is cut anywhere is damaged`() {
    let bytes = Self.head.encoded()
    for length in 0..<bytes.count {
      #expect(throws: TapDatagram.Problem.damaged) {
        try bytes[..<length].withUnsafeBytes { _ = try TapDatagram.decode($0) }
      }
    }
  }

  @Test func `another version is named`() {
    var bytes = Self.head.encoded()
    bytes[4] = 9
    #expect(throws: TapDatagram.Problem.otherVersion(9)) {
      try bytes.withUnsafeBytes { _ = try TapDatagram.decode($0) }
    }
  }

  @Test func `random bytes are a head or a problem`() {
    for seed in UInt64(0)..<50_000 {
      var random = SeededRandom(seed)
      var bytes = Self.head.encoded()
      for _ in 0..<random.below(6) {
        bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
      }
      bytes.removeLast(random.below(bytes.count))
      bytes.withUnsafeBytes { bytes in
        if let (_, start) = try? TapDatagram.decode(bytes) { #expect(start <= bytes.count, "seed \(seed)") }
      }
    }
  }
}
