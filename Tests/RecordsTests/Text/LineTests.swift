import Records
import TestSupport
import Testing

private func lines(_ input: String, skipsBlanks: Bool) -> [String] {
  withBytes(input) { bytes in
    var reader = LineReader(bytes, skipsBlanks: skipsBlanks)
    var found: [String] = []
    while let line = reader.next() {
      found.append("\(reader.lineOffset):" + String(decoding: bytes[line], as: UTF8.self))
    }
    return found
  }
}

@Test func linesLoseTheirEnds() {
  #expect(lines("", skipsBlanks: true) == [])
  #expect(lines("a\r\n \t\r\n\nb\rc\n d", skipsBlanks: true) == ["0:a", "3:b\rc", "4: d"])
  #expect(lines("a\r\n\n \nb\r", skipsBlanks: false) == ["0:a", "1:", "2: ", "3:b"])
}

@Test func cutsLines() {
  func cut(_ input: String, _ cutter: LineCutter, isEnd: Bool) -> RecordCut? {
    withBytes(input) { cutter.cut($0, isEnd: isEnd) }
  }
  #expect(cut("", .jsonLines, isEnd: false) == nil)
  #expect(cut("", .jsonLines, isEnd: true) == RecordCut(length: 0, records: 0, lines: 0))
  #expect(cut("{}", .jsonLines, isEnd: false) == nil)
  #expect(cut("{}\n \n[]", .jsonLines, isEnd: false) == RecordCut(length: 5, records: 1, lines: 2))
  #expect(
    cut("{}\n \n[]", .jsonLines, isEnd: true)
      == RecordCut(length: 7, records: 2, lines: 3, lacksNewline: true))
  #expect(cut("a\n\nb\n", .lines, isEnd: false) == RecordCut(length: 5, records: 3, lines: 3))
  #expect(cut("a\n ", .lines, isEnd: true) == RecordCut(length: 3, records: 2, lines: 2, lacksNewline: true))
}

@Test(arguments: 0..<200)
func lineCutterAgreesWithReader(seed: Int) {
  var random = SeededRandom(UInt64(seed))
  let input = random.bytes(of: ["{}", " ", "\n", "\r\n", "\t", "words and words and words"], upTo: 80)
  for cutter in [LineCutter.jsonLines, .lines] {
    withBytes(input) { bytes in
      var reader = LineReader(bytes, skipsBlanks: cutter.skipsBlanks)
      var records = 0
      while reader.next() != nil { records += 1 }
      let cut = cutter.cut(bytes, isEnd: true)
      #expect(cut?.records == records && cut?.lines == reader.linesRead, "seed \(seed)")
    }
  }
}
