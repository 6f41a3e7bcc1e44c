import Records
import TestSupport
import Testing

@Test(
  arguments: [
    ([0x41, 0xC0, 0x80], 1), ([0xE0, 0x80, 0x80], 0), ([0xED, 0xA0, 0x80], 0), ([0xF4, 0x90, 0x80, 0x80], 0),
    ([0xF5, 0x80, 0x80, 0x80], 0), ([0x80], 0), ([0x41, 0xE2, 0x82], 1), ([0xC3, 0x41], 0),
    ([0xFF, 0xFE], 0),
    ([0xF0, 0x9F, 0x98], 0), ([0xF0, 0x8F, 0xBF, 0xBF], 0),
  ] as [([UInt8], Int)])
func findsInvalidUTF8(bytes: [UInt8], offset: Int) {
  #expect(withBytes(bytes) { UTF8.firstInvalid(in: $0) } == offset)
  let padded = [UInt8](repeating: 0x61, count: 50) + bytes
  #expect(withBytes(padded) { UTF8.firstInvalid(in: $0) } == offset + 50)
}

@Test(arguments: 0..<300)
func utf8CheckAgreesWithTheStandardLibrary(seed: Int) {
  var random = SeededRandom(UInt64(seed))
  var bytes = random.bytes(of: ["a", "é", "€", "😀", "ascii of some length, more than a vector"], upTo: 40)
  if seed % 2 == 0, !bytes.isEmpty {
    bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
  }
  let isValid = String(validating: bytes, as: UTF8.self) != nil
  #expect((withBytes(bytes) { UTF8.firstInvalid(in: $0) } == nil) == isValid, "seed \(seed)")
}

@Test func knowsByteOrderMarks() {
  #expect(withBytes("\u{FEFF}a") { UTF8.startsWithBOM($0) })
  #expect(!withBytes("a") { UTF8.startsWithBOM($0) })
}

@Test(arguments: 0..<100)
func countsNewlines(seed: Int) {
  var random = SeededRandom(UInt64(seed))
  let bytes = random.bytes(of: ["\n", "a", "\n\n\n", "some words"], upTo: seed * 100)
  #expect(withBytes(bytes) { Newlines.count(in: $0) } == bytes.count { $0 == 10 }, "seed \(seed)")
  #expect(withBytes(bytes) { Newlines.first(in: $0) } == bytes.firstIndex(of: 10))
  #expect(withBytes(bytes) { Newlines.last(in: $0) } == bytes.lastIndex(of: 10))
}
