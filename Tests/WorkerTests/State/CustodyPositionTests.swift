import Coordination
import Delivery
import Testing
import Worker

struct CustodyPositionTests {
  @Test func `a position is read as it was written`() throws {
    var tally = Tally(StageCount(stage: 2, recordsIn: 1, recordsOut: 2, filtered: 3, dead: 4))
    tally.add(StageCount(stage: 7, recordsIn: 1 << 40, recordsOut: 0))
    let positions: [CustodyStateMachine.Position] = [
      .init(dense: []), .init(dense: [1, .max, 3], next: 1 << 50, isFlushed: true, tally: tally),
    ]
    for position in positions {
      let bytes = position.encoded()
      #expect(try CustodyStateMachine.Position(decoding: bytes) == position)
      #expect(throws: ByteCodingError.self) {
        try CustodyStateMachine.Position(decoding: Array(bytes.dropLast()))
      }
    }
  }
}
