import Expressions
import Glibc
import TestSupport
import Testing

struct DecimalTextTests {
  private func value(_ text: String) -> Double {
    Array(text.utf8).withUnsafeBytes { DecimalText.value($0) }
  }

  @Test(arguments: [
    "0", "-0", "0.0", "-0.000", "1", "0.1", "-0.3", "999999999999999", "9999999999999999", "9007199254740993",
    "0.000000000000001", "1e22", "1E-22", "1e400", "-1e400", "4.9e-324", "2.2250738585072011e-308",
    "123456789012345.6", "0.1234567890123456", "1.7976931348623157e308", "100000000000000000000000",
  ])
  func `edges are read as strtod reads them`(_ text: String) {
    #expect(value(text).bitPattern == strtod(text, nil).bitPattern)
  }

  @Test func `random texts are read as strtod reads them`() {
    var random = SeededRandom(7)
    var bytes: [UInt8] = []
    for index in 0..<1_000_000 {
      bytes.removeAll(keepingCapacity: true)
      if random.below(3) == 0 { bytes.append(UInt8(ascii: "-")) }
      let digits = 1 + random.below(18)
      // JSON allows no zero before other digits.
      bytes.append(UInt8(ascii: "0") + UInt8(digits == 1 ? random.below(10) : 1 + random.below(9)))
      for _ in 1..<max(digits, 2) where digits > 1 {
        bytes.append(UInt8(ascii: "0") + UInt8(random.below(10)))
      }
      if random.below(2) == 0 {
        bytes.append(UInt8(ascii: "."))
        for _ in 0...random.below(25) { bytes.append(UInt8(ascii: "0") + UInt8(random.below(10))) }
      }
      if random.below(5) == 0 {
        bytes.append(contentsOf: random.pick(["e", "E-", "e+"]).utf8)
        bytes.append(contentsOf: "\(random.below(330))".utf8)
      }
      let found = bytes.withUnsafeBytes { DecimalText.value($0) }
      bytes.append(0)
      let expected = bytes.withUnsafeBytes {
        strtod($0.assumingMemoryBound(to: CChar.self).baseAddress!, nil)
      }
      if found.bitPattern != expected.bitPattern {
        Issue.record(
          "text \(index), \(String(decoding: bytes.dropLast(), as: UTF8.self)): \(found), not \(expected)")
        return
      }
    }
  }
}
