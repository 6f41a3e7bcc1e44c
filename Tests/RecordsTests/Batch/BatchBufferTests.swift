import Glibc
import Records
import TestSupport
import Testing

@Test func bufferGrowsAndGivesItsMemoryAway() {
  var buffer = BatchBuffer(headroom: 16, capacity: 0)
  buffer.withHeadroom { $0.storeBytes(of: 0xAABB, as: UInt64.self) }
  for byte in 0..<5000 { buffer.append(UInt8(truncatingIfNeeded: byte)) }
  buffer.append("end")
  #expect(buffer.count == 5003 && buffer.capacity >= 5003)
  buffer.truncate(to: 5001)
  let memory = buffer.release()
  defer { free(memory.baseAddress) }
  #expect(memory.count == 16 + 5001 + BatchBuffer.padding)
  #expect(memory.load(as: UInt64.self) == 0xAABB)
  #expect((0..<5000).allSatisfy { memory[16 + $0] == UInt8(truncatingIfNeeded: $0) })
  #expect(memory[16 + 5000] == UInt8(ascii: "e"))
  #expect(memory[(16 + 5001)...].allSatisfy { $0 == 0 })
}

@Test func bufferTakesWhatIsWrittenIntoItsSpareMemory() {
  struct Refused: Error {}
  var buffer = BatchBuffer(capacity: 4)
  buffer.append("ab")
  let written = buffer.appendUsingSpare(minimum: 100) { spare in
    #expect(spare.count >= 100)
    spare.copyBytes(from: "cdef".utf8)
    return 4
  }
  #expect(written == 4 && text(buffer) == "abcdef")
  #expect(throws: Refused.self) {
    try buffer.appendUsingSpare(minimum: 1) { _ throws(Refused) in throw Refused() }
  }
  buffer.removeFirst(2)
  #expect(text(buffer) == "cdef")
  buffer.removeAll()
  #expect(buffer.count == 0 && buffer.capacity >= 100)
}

@Test(arguments: 0..<100)
func lineTableReturnsItsLines(seed: Int) {
  var random = SeededRandom(UInt64(seed))
  var builder = LineTableBuilder()
  var lines: [Int] = []
  var line = 0
  for _ in 0..<Int(random.next() % 200) {
    line += Int(random.next() % random.pick([1, 2, 3, 300, 1 << 40]))
    lines.append(line)
    builder.append(line: line)
  }
  #expect(builder.count == lines.count)
  #expect(builder.isIdentity == (lines == Array(0..<lines.count)))
  builder.withBytes { bytes in
    var reader = LineTableReader(bytes)
    #expect(lines.allSatisfy { $0 == reader.next() }, "seed \(seed)")
    #expect(reader.next() == nil)
    for index in lines.indices { #expect(LineTableReader.line(of: index, in: bytes) == lines[index]) }
    #expect(LineTableReader.line(of: lines.count, in: bytes) == nil)
  }
}

@Test func lineTableOfRecordsLeftWholeNeedsNotTravel() {
  var builder = LineTableBuilder()
  for line in 0..<10 { builder.append(line: line) }
  #expect(builder.isIdentity == true && builder.byteCount == 10)
  builder.append(line: 12)
  #expect(builder.isIdentity == false)
  builder.removeAll()
  #expect(builder.isIdentity == true && builder.count == 0)
}

@Test func damagedLineTablesEnd() {
  for bytes in [
    [0x80], [UInt8](repeating: 0xFF, count: 20), [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
  ] {
    withBytes(bytes) { bytes in
      var reader = LineTableReader(bytes)
      #expect(reader.next() == nil)
    }
  }
}
