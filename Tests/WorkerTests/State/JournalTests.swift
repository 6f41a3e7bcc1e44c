import Coordination
import Delivery
import Glibc
import TestSupport
import Testing

struct JournalTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file("journal") }

  static let tally: Tally = {
    var tally = Tally()
    tally.add(StageCount(stage: 0, recordsIn: 9, recordsOut: 8, filtered: 1))
    tally.add(StageCount(stage: 3, recordsIn: .max, recordsOut: 1 << 40, filtered: 2, dead: 7))
    return tally
  }()

  static let condemnation = Condemnation(
    stage: 2,
    batch: BatchID(
      origin: SlotID(stage: 1, index: 3), sequence: 1 << 50, branch: Branch(rawValue: .max - 7)),
    record: .max, cause: "SIGSEGV", attempts: 5, worker: "clean.1", time: .max, lastWords: "ä\nö\n")

  static let entries: [JournalEntry] = [
    .began(run: .max - 3, time: 1), .resumed(time: 2), .joined(stage: 65_534),
    .complete(SlotID(stage: 7, index: 9), last: 1 << 60, tally), .condemned(condemnation),
    .finished(
      SlotID(stage: 65_535, index: 1),
      SinkReport(target: "out/späte.jsonl", records: 3, bytes: .max, isDurable: true)),
    .ended,
  ]

  private func written(_ entries: [JournalEntry] = JournalTests.entries) throws -> [UInt8] {
    var journal = try Journal.create(path, first: entries[0])
    for entry in entries.dropFirst() { try journal.append(entry) }
    return try #require(folder.read("journal"))
  }

  @Test func `what is appended is read in its order`() throws {
    _ = try written()
    #expect(try Journal.read(path) == Self.entries)
    #expect(folder.permissions("journal") == 0o600)
  }

  @Test(arguments: entries) func `an entry comes back, and is none when it is cut`(_ entry: JournalEntry)
    throws
  {
    let bytes = entry.encoded()
    #expect(try JournalEntry(decoding: bytes) == entry)
    for length in 0..<bytes.count {
      #expect(throws: ByteCodingError.self) { try JournalEntry(decoding: Array(bytes[..<length])) }
    }
  }

  @Test func `a kind that is not known is an error`() {
    #expect(throws: ByteCodingError("journal entry kind 200 is not known")) {
      try JournalEntry(decoding: [200])
    }
  }

  @Test func `cut anywhere, the whole entries before are read, and the next one follows them`() throws {
    let bytes = try written()
    var ends: [Int] = []
    var length = 0
    for entry in Self.entries {
      length += 12 + entry.encoded().count
      ends.append(length)
    }
    #expect(length == bytes.count)
    for length in 0..<bytes.count {
      folder.write("journal", Array(bytes[..<length]))
      let whole = Array(Self.entries[..<ends.count { $0 <= length }])
      #expect(try Journal.read(path) == whole, "cut at \(length)")
      var journal = try Journal.open(path)
      try journal.append(.resumed(time: 77))
      #expect(try Journal.read(path) == whole + [.resumed(time: 77)], "cut at \(length)")
    }
  }

  @Test func `damage ends what is read, wherever it is`() throws {
    let bytes = try written()
    for position in bytes.indices {
      var damaged = bytes
      damaged[position] ^= 0x40
      folder.write("journal", damaged)
      let found = try Journal.read(path)
      #expect(found.count < Self.entries.count, "damaged at \(position)")
      #expect(Self.entries.starts(with: found), "damaged at \(position)")
    }
  }

  @Test func `a length beyond the file, or beyond sense, is damage`() throws {
    let first = try written([.began(run: 1, time: 2)])
    for length: UInt32 in [0, 1 << 20, 17 << 20, .max] {
      var writer = ByteWriter()
      writer.write(length)
      writer.write(UInt64(0))
      folder.write("journal", first + writer.bytes + [1, 2, 3])
      #expect(try Journal.read(path) == [.began(run: 1, time: 2)])
    }
  }

  @Test func `a new journal replaces the old one as a whole`() throws {
    _ = try written()
    let journal = try Journal.create(path, first: .began(run: 8, time: 9))
    #expect(try Journal.read(path) == [.began(run: 8, time: 9)])
    #expect(folder.read("journal.new") == nil)
    _ = consume journal
    // One that could not be finished leaves the old one.
    mkdir(folder.file("journal.new"), 0o755)
    #expect(throws: (any Error).self) { _ = try Journal.create(path, first: .ended).self }
    #expect(try Journal.read(path) == [.began(run: 8, time: 9)])
  }

  @Test func `random bytes are read without harm`() throws {
    for seed in UInt64(0)..<2_000 {
      var random = SeededRandom(seed)
      let entry = random.bytes(upTo: 60)
      if let decoded = try? JournalEntry(decoding: entry) {
        #expect((try? JournalEntry(decoding: decoded.encoded())) == decoded, "seed \(seed)")
      }
      folder.write("journal", random.bytes(upTo: 200))
      #expect(try Journal.read(path).isEmpty, "seed \(seed)")
    }
  }

  @Test func `a history is what the entries say`() throws {
    let history = try #require(RunHistory(Self.entries))
    #expect(history.run == .max - 3 && history.beganAt == 1)
    #expect(history.resumptions == 1)
    #expect(history.complete == [.init(slot: SlotID(stage: 7, index: 9), last: 1 << 60, tally: Self.tally)])
    #expect(history.finished.map(\.report.target) == ["out/späte.jsonl"])
    #expect(history.condemned == [Self.condemnation])
    #expect(history.hasEnded)
    #expect(history.tally == Self.tally)
    #expect(RunHistory(Self.entries.dropLast())?.hasEnded == false)
  }

  @Test func `a history sums what all sources have done`() {
    let entries: [JournalEntry] = [
      .began(run: 1, time: 0), .complete(SlotID(stage: 0, index: 0), last: 1, Self.tally),
      .complete(
        SlotID(stage: 0, index: 1), last: 1, Tally(StageCount(stage: 0, recordsIn: 1, recordsOut: 1))),
    ]
    #expect(RunHistory(entries)?.tally.count(of: 0).recordsIn == 10)
  }

  @Test func `entries without a beginning, or with two, are no history`() {
    #expect(RunHistory([]) == nil)
    #expect(RunHistory([.resumed(time: 1)]) == nil)
    #expect(RunHistory(Self.entries + [.began(run: 1, time: 2)]) == nil)
  }
}
