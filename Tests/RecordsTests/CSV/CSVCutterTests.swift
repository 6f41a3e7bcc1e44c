import Records
import TestSupport
import Testing

private func cut(_ input: String, isEnd: Bool = false, columns: Int = 2) throws -> RecordCut? {
  try withBytes(input) { bytes throws(RecordError) in
    try CSVCutter(columns: columns).cut(bytes, isEnd: isEnd)
  }
}

@Test(arguments: [
  ("", nil),
  ("1,2", nil),
  ("1,2\n3", RecordCut(length: 4, records: 1, lines: 1)),
  ("1,2\n\n\r\n3,4\n", RecordCut(length: 11, records: 2, lines: 4)),
  ("1,2\n\"a\nb\",2\n\"c\n", RecordCut(length: 12, records: 2, lines: 3)),
  ("\"a\n\"\"", nil),
  ("a\"\n1\"\n", RecordCut(length: 6, records: 2, lines: 2)),
])
func cutsCompleteRecords(input: String, expected: RecordCut?) throws {
  #expect(try cut(input) == expected)
}

@Test(arguments: [
  ("", RecordCut(length: 0, records: 0, lines: 0)),
  ("1,2", RecordCut(length: 3, records: 1, lines: 1, lacksNewline: true)),
  ("1,2\n\r", RecordCut(length: 5, records: 1, lines: 2, lacksNewline: true)),
  ("\"a\nb\"", RecordCut(length: 5, records: 1, lines: 2, lacksNewline: true)),
])
func cutsTheWholeAtTheEnd(input: String, expected: RecordCut) throws {
  #expect(try cut(input, isEnd: true) == expected)
}

@Test func cutterRefusesNULAndOpenQuotes() {
  #expect(throws: RecordError(.nulByte(offset: 3), record: 0, line: 1)) { try cut("a\nb\u{0}\n") }
  #expect(throws: RecordError(.unterminatedQuote, record: 2, line: 3)) {
    try cut("1\n\"2\n\"\n\"3\n4\n", isEnd: true)
  }
}

@Test func cutsALongRecord() throws {
  let cell = String(repeating: "x\n", count: 200_000)
  #expect(try cut("1,2\n\"\(cell)\",") == RecordCut(length: 4, records: 1, lines: 1))
  #expect(try cut("\"\(cell)\",2\n1")?.lines == 200_001)
}

/// Feeds input in random pieces, as a source does, and answers the whole as one cut.
private func cutInPieces(
  _ input: [UInt8], _ cutter: CSVCutter, _ random: inout SeededRandom
) throws(RecordError) -> RecordCut {
  var sum = RecordCut(length: 0, records: 0, lines: 0)
  var end = 0
  while true {
    end = min(input.count, end + Int(random.next() % 12))
    let piece = Array(input[sum.length..<end])
    let isEnd = end == input.count
    let next = try withBytes(piece) { bytes throws(RecordError) in try cutter.cut(bytes, isEnd: isEnd) }
    if let next {
      sum = RecordCut(
        length: sum.length + next.length, records: sum.records + next.records, lines: sum.lines + next.lines)
    }
    if isEnd { return sum }
  }
}

@Test(arguments: 0..<600)
func cutterAgreesWithReferenceInAnyPieces(seed: Int) throws {
  var random = SeededRandom(UInt64(seed) &* 977)
  let tokens = [
    ",", "\"", "\n", "\n\n", "\r\n", "\r", "a", "\"\"", "\",\"", "\"b\nc\"", "a cell of some length",
  ]
  let input = random.bytes(of: tokens, upTo: seed % 3 == 0 ? 400 : 40)
  for columns in [1, 2] {
    let rows = ReferenceCSV.rows(input, delimiter: 0x2C, oneColumn: columns == 1)
    let cutter = CSVCutter(columns: columns)
    let comment =
      "seed \(seed), \(columns) columns: \(String(decoding: input, as: UTF8.self).debugDescription)"
    let isOpen = rows.last?.isOpen ?? false
    do throws(RecordError) {
      let sum = try cutInPieces(input, cutter, &random)
      #expect(sum.records == rows.count && sum.length == input.count && !isOpen, "\(comment)")
      let hasTail = input.last.map { $0 != 10 } ?? false
      #expect(sum.lines == input.count { $0 == 10 } + (hasTail ? 1 : 0), "\(comment)")
      var whole = try withBytes(input) { bytes throws(RecordError) in try cutter.cut(bytes, isEnd: true) }
      #expect(whole?.lacksNewline == hasTail, "\(comment)")
      whole?.lacksNewline = false
      #expect(whole == sum, "\(comment)")
    } catch {
      #expect(isOpen && error.fault == .unterminatedQuote, "\(comment)")
      #expect(throws: RecordError.self, "\(comment)") {
        try withBytes(input) { bytes throws(RecordError) in try cutter.cut(bytes, isEnd: true) }
      }
    }
    // What is cut before the end of the input holds for any end.
    let early = try? withBytes(input) { bytes throws(RecordError) in try cutter.cut(bytes, isEnd: false) }
    if let early {
      let head = ReferenceCSV.rows(Array(input[..<early.length]), delimiter: 0x2C, oneColumn: columns == 1)
      #expect(head.count == early.records && head.last?.isOpen != true, "\(comment)")
      #expect(early.lines == input[..<early.length].count { $0 == 10 }, "\(comment)")
    }
  }
}

@Test func findsAnOpenQuoteAmongManyQuotes() {
  let rows = String(repeating: "\"a\",\"b\nc\"\n", count: 100)
  #expect(throws: RecordError(.unterminatedQuote, record: 100, line: 201)) {
    try cut(rows + "\"x\n\",\"\n\ny\"\"\nz,\"\"", isEnd: true)
  }
  #expect(throws: RecordError(.unterminatedQuote, record: 100, line: 200)) {
    try cut(rows + "1,\"x\n2,3\n", isEnd: true)
  }
}
