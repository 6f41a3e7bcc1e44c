import Multiprocessing
import Testing

struct OutputLinesTests {
  private func texts(_ lines: [OutputLines.Line]) -> [String] { lines.map(\.text) }

  @Test func `lines are joined over the cuts`() {
    var lines = OutputLines()
    #expect(texts(lines.append(Array("on".utf8))) == [])
    #expect(texts(lines.append(Array("e\r\ntwo\n\nth".utf8))) == ["one", "two", ""])
    #expect(texts(lines.append(Array("ree".utf8))) == [])
    #expect(lines.finish()?.text == "three")
    #expect(lines.finish() == nil)
  }

  @Test func `a line that is too long comes in parts that say so`() {
    var lines = OutputLines(bytesPerLine: 5)
    #expect(texts(lines.append(Array("12345\n".utf8))) == ["12345"])
    #expect(texts(lines.append(Array("1234567".utf8))) == ["12345…"])
    #expect(texts(lines.append(Array("89012\n".utf8))) == ["67890…", "12"])
  }

  @Test func `no character is torn where a line is cut`() {
    var lines = OutputLines(bytesPerLine: 5)
    #expect(texts(lines.append(Array("abcdé\n".utf8))) == ["abcd…", "é"])
    #expect(texts(lines.append(Array("ab€€\n".utf8))) == ["ab€…", "€"])
    // What is no UTF-8 must still be cut somewhere.
    let bytes = [UInt8](repeating: 0x80, count: 7)
    #expect(lines.append(bytes + [10]).map(\.bytes.count) == [5, 2])
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `all bytes of a stream come out, however it was cut`(seed: UInt64) {
    var state = seed
    func random(below limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    // Without carriage returns, which are not kept before a line's end.
    let alphabet: [UInt8] = [10, 65, 66, 0x80, 0xC3, 0xE2]
    let stream = (0..<2000).map { _ in alphabet[random(below: alphabet.count)] }
    var lines = OutputLines(bytesPerLine: 7)
    var found: [UInt8] = []
    var rest = stream[...]
    while !rest.isEmpty {
      let part = rest.prefix(1 + random(below: 30))
      for line in lines.append(Array(part)) {
        #expect(line.bytes.count <= 7)
        found += line.bytes + (line.isCut ? [] : [10])
      }
      rest = rest.dropFirst(part.count)
    }
    if let last = lines.finish() { found += last.bytes }
    #expect(found == stream)
  }
}
