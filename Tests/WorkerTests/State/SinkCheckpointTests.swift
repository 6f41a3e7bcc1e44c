import Coordination
import Delivery
import Stages
import TestSupport
import Testing
import Worker

struct SinkCheckpointTests {
  @Test func `a checkpoint comes back`() throws {
    for checkpoint in [
      SinkCheckpoint(position: nil, state: []),
      SinkCheckpoint(position: .init(dense: [0, .max, 7]), state: [1, 2, 3]),
      SinkCheckpoint(
        position: .init(
          dense: [5],
          dead: [.init(input: 0, sequence: 4, records: 2), .init(input: 0, sequence: 5, records: 1)]),
        state: [9]),
    ] {
      let bytes = checkpoint.encoded()
      #expect(try SinkCheckpoint(decoding: bytes) == checkpoint)
      for length in 0..<bytes.count {
        #expect(throws: ByteCodingError.self) { try SinkCheckpoint(decoding: Array(bytes[..<length])) }
      }
    }
  }

  @Test func `a sink's state comes back`() {
    for columns in [nil, [], ["a"], ["", "ä ö", "c,\"d\"\n"]] {
      for flag in [false, true] {
        let state = SinkState(
          length: 1 << 40, base: 9, records: .max, hasWrittenHeader: flag, columns: columns)
        #expect(SinkState(state.encoded()) == state)
        var parted = state
        parted.parts = .init(number: 9, first: 3, closedBytes: 1 << 50, began: 7)
        #expect(SinkState(parted.encoded()) == parted)
        parted.parts?.closed = [.init(number: 7, length: 1), .init(number: 8, length: .max)]
        #expect(SinkState(parted.encoded()) == parted)
      }
    }
  }

  @Test func `a sink's state that is cut or has more is none`() {
    let parts = SinkState.Parts(closed: [.init(number: 1, length: 2)])
    let bytes = SinkState(length: 5, columns: ["a", "bc"], parts: parts).encoded()
    for length in 0..<bytes.count { #expect(SinkState(Array(bytes[..<length])) == nil) }
    #expect(SinkState(bytes + [0]) == nil)
  }

  @Test func `random bytes are a state or none`() {
    for seed in UInt64(0)..<100_000 {
      var random = SeededRandom(seed)
      let bytes = random.bytes(upTo: 60)
      if let state = SinkState(bytes) { #expect(SinkState(state.encoded()) == state, "seed \(seed)") }
      if let checkpoint = try? SinkCheckpoint(decoding: bytes) {
        #expect((try? SinkCheckpoint(decoding: checkpoint.encoded())) == checkpoint, "seed \(seed)")
      }
    }
  }
}
