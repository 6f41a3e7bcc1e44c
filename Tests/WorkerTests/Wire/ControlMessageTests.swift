import Coordination
import Delivery
import TestSupport
import Testing

struct ControlMessageTests {
  private static let tally: Tally = {
    var tally = Tally()
    for stage in UInt16(0)..<5 {
      tally.add(StageCount(stage: stage * 100, recordsIn: UInt64(stage) << 40, recordsOut: .max - 1))
    }
    return tally
  }()

  @Test(arguments: [
    WorkerMessage.ready, .originEnded(last: 0), .originEnded(last: .max),
    .complete(Tally(), last: 7, isWhole: true),
    .paused(last: 3),
    .complete(tally, last: .max, isWhole: false), .failed(""), .failed("in.csv:7: error: ‚no'"),
    .note("a\nb"),
    .finished(SinkReport(target: "out/späte.jsonl", records: 1, bytes: .max, isDurable: true)),
  ])
  func `what a worker says comes back`(_ message: WorkerMessage) throws {
    #expect(try WorkerMessage(decoding: message.encoded()) == message)
  }

  @Test(arguments: [
    SupervisorMessage.flush, .drain, .stop,
    .peerUp(Incarnation(slot: SlotID(stage: .max, index: 1), epoch: .max)),
    .peerDown(Incarnation(slot: SlotID(stage: 1, index: .max), epoch: 0)),
    .originEnded(SlotID(stage: 2, index: 3), last: 1 << 63),
    .tap(TapOrder(isInput: true, sample: .max, path: "/tmp/ä")),
    .tap(TapOrder(isInput: false, sample: 1, path: "")), .untap(path: "/run/x/tap-1"),
  ])
  func `what a worker is told comes back`(_ message: SupervisorMessage) throws {
    #expect(try SupervisorMessage(decoding: message.encoded()) == message)
  }

  @Test func `a message that is cut anywhere is an error`() {
    let whole = WorkerMessage.complete(Self.tally, last: 5, isWhole: true).encoded()
    for length in 0..<whole.count {
      #expect(throws: ByteCodingError.self) { try WorkerMessage(decoding: Array(whole[..<length])) }
    }
    let peer = SupervisorMessage.peerUp(Incarnation(slot: SlotID(stage: 1, index: 1), epoch: 1)).encoded()
    for length in 0..<peer.count {
      #expect(throws: ByteCodingError.self) { try SupervisorMessage(decoding: Array(peer[..<length])) }
    }
  }

  @Test func `a kind that is not known is named`() {
    #expect(throws: ByteCodingError("message kind 9 is not known")) { try WorkerMessage(decoding: [9]) }
    #expect(throws: ByteCodingError("message kind 0 is not known")) { try SupervisorMessage(decoding: [0]) }
  }

  /// Nothing that a message holds may end the reader: what decodes is encoded and decoded again.
  @Test func `random bytes are a message or an error`() throws {
    for seed in UInt64(0)..<200_000 {
      var random = SeededRandom(seed)
      let bytes = random.bytes(upTo: 40)
      if let message = try? WorkerMessage(decoding: bytes) {
        #expect(try WorkerMessage(decoding: message.encoded()) == message, "seed \(seed)")
      }
      if let message = try? SupervisorMessage(decoding: bytes) {
        #expect(try SupervisorMessage(decoding: message.encoded()) == message, "seed \(seed)")
      }
    }
  }

  @Test func `numbers of every width come back, and lengths are checked`() throws {
    var writer = ByteWriter()
    writer.write(UInt8(200))
    writer.write(Int32(-5))
    writer.write(UInt64.max)
    writer.write([1, 2, 3])
    writer.write("äö")
    var reader = ByteReader(writer.bytes)
    #expect(try reader.read(UInt8.self) == 200)
    #expect(try reader.read(Int32.self) == -5)
    #expect(try reader.read(UInt64.self) == .max)
    #expect(try reader.readBytes() == [1, 2, 3])
    #expect(!reader.isAtEnd)
    #expect(try reader.readText() == "äö")
    #expect(reader.isAtEnd)
    var short = ByteReader([255, 255, 255, 255, 1])
    #expect(throws: ByteCodingError.self) { try short.readBytes() }
  }
}
