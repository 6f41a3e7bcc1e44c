import Stages
import TestSupport
import Testing
import Worker

struct BoundaryLogTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.path + "/boundaries" }

  private func mark(_ sequence: UInt64) -> InputMark {
    var mark = InputMark(file: UInt32(sequence % 3), offset: sequence * 100, line: sequence)
    mark.identity = FileIdentity(device: 5, inode: sequence + 7)
    mark.tailCheck = sequence &* 0x9E37_79B9_7F4A_7C15
    return mark
  }

  @Test func `what was noted is there again`() throws {
    var log = try BoundaryLog.open(path)
    for sequence in 5...20 as ClosedRange<UInt64> { try log.append(sequence, end: mark(sequence)) }
    #expect(log[4] == nil && log[5] == mark(5) && log[20] == mark(20) && log[21] == nil)
    var again = try BoundaryLog.open(path)
    #expect(again[4] == nil && again[5] == mark(5) && again[20] == mark(20) && again[21] == nil)
    try again.append(21, end: mark(21))
    let third = try BoundaryLog.open(path)
    #expect(third[21] == mark(21))
  }

  @Test func `a damaged end is removed, wherever it was cut`() throws {
    do {
      var log = try BoundaryLog.open(path)
      for sequence in 1...3 as ClosedRange<UInt64> { try log.append(sequence, end: mark(sequence)) }
    }
    let whole = try #require(folder.read("boundaries"))
    let entry = whole.count / 3
    for count in 0...whole.count {
      folder.write("boundaries", Array(whole[..<count]))
      var log = try BoundaryLog.open(path)
      let kept = UInt64(count / entry)
      for sequence in 1...3 as ClosedRange<UInt64> {
        #expect(log[sequence] == (sequence <= kept ? mark(sequence) : nil))
      }
      try log.append(kept + 1, end: mark(9))
      let again = try BoundaryLog.open(path)
      #expect(again[kept + 1] == mark(9) && again[kept + 2] == nil)
    }
  }

  @Test func `what is not needed is dropped now and then`() throws {
    var log = try BoundaryLog.open(path)
    let most = UInt64(BoundaryLog.mostUnneeded)
    for sequence in 1...most + 10 { try log.append(sequence, end: mark(sequence)) }
    #expect(!log.hasUnneeded(below: most) && log.hasUnneeded(below: most + 1))
    let size = try #require(folder.read("boundaries")).count
    try log.drop(below: most + 1)
    #expect(try #require(folder.read("boundaries")).count < size / 50)
    #expect(log[most] == nil && log[most + 1] == mark(most + 1))
    try log.append(most + 11, end: mark(most + 11))
    try log.drop(below: most + 100)
    try log.append(most + 100, end: mark(1))
    let again = try BoundaryLog.open(path)
    #expect(again[most + 11] == nil && again[most + 100] == mark(1))
  }
}
