import Multiprocessing
import Testing

struct OutputTailTests {
  @Test func `lines are joined over the cuts and the oldest make room`() {
    var tail = OutputTail(lines: 2, bytesPerLine: 5)
    #expect(tail.append(Array("on".utf8)) == [])
    #expect(tail.append(Array("e\r\ntwo\nth".utf8)) == [Array("one".utf8), Array("two".utf8)])
    tail.append(Array("ree-and-more\n".utf8))
    #expect(tail.text == ["two", "three"])
    #expect(tail.droppedLines == 1)
    #expect(tail.droppedBytes == 9)
    tail.append(Array("end".utf8))
    #expect(tail.finish() == Array("end".utf8))
    #expect(tail.finish() == nil)
    #expect(tail.text == ["three", "end"])
  }
}
