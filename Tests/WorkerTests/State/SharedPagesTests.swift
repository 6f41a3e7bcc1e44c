import Coordination
import Delivery
import Glibc
import TestSupport
import Testing

/// The memory that a supervisor shares with its workers.
struct SharedPagesTests {
  /// Zeroed memory of its own for a run.
  private final class Memory {
    let base: UnsafeMutableRawPointer

    init(_ size: Int) {
      base = .allocate(byteCount: size, alignment: 4096)
      memset(base, 0, size)
    }

    deinit { base.deallocate() }
  }

  private static let topology = Topology(
    stages: [(role: .source, slots: 2), (role: .step, slots: 3), (role: .sink, slots: 1)],
    edges: [(0, 1), (1, 2)])

  private static func batch(_ sequence: UInt64, stage: UInt16 = 0, branch: UInt64 = 5) -> BatchID {
    BatchID(
      origin: SlotID(stage: stage, index: 1), sequence: sequence, branch: Branch(rawValue: branch))
  }

  /// Suspects of stage 1: each batch with its condemned records.
  private static func suspects(_ batches: [(BatchID, [UInt32])]) -> [Suspects.Suspect] {
    var suspects = Suspects(attempts: [1, 1, 1])
    for (batch, records) in batches {
      _ = suspects.died(inHand: batch, record: nil, stage: 1)
      for record in records { suspects.restore(condemned: record, of: batch, stage: 1) }
    }
    return suspects.entries(ofStage: 1)
  }

  @Test func `no two pages share a byte, and all are within the size`() {
    let size = SharedPages.size(Self.topology)
    let memory = Memory(size)
    let pages = SharedPages(base: memory.base, topology: Self.topology)
    for (index, page) in pages.allStatistics.enumerated() {
      for field in StatisticsPage.Field.allCases { page[field] = UInt64(index * 100 + field.rawValue + 1) }
    }
    for stage in UInt16(0)..<3 {
      let full = (0..<UInt64(SuspectPage.capacity)).map {
        (Self.batch($0 + 1, branch: UInt64(stage)), [UInt32]())
      }
      #expect(pages.suspects(ofStage: stage).write(Self.suspects(full)))
    }
    for (index, page) in pages.allStatistics.enumerated() {
      for field in StatisticsPage.Field.allCases {
        #expect(page[field] == UInt64(index * 100 + field.rawValue + 1))
      }
    }
    for stage in UInt16(0)..<3 {
      let last = Self.batch(UInt64(SuspectPage.capacity), branch: UInt64(stage))
      #expect(pages.suspects(ofStage: stage).condemned(in: last) == [])
      #expect(pages.suspects(ofStage: stage).condemned(in: Self.batch(1, branch: UInt64(stage) + 1)) == nil)
    }
    #expect(StatisticsPage.Field.allCases.count * 8 <= StatisticsPage.size)
    #expect(pages.statistics(of: SlotID(stage: 1, index: 2))[.epoch] == 401)
  }

  @Test func `a page says what was written, and no more`() {
    let memory = Memory(SuspectPage.size)
    let page = SuspectPage(base: memory.base)
    #expect(page.condemned(in: Self.batch(1)) == nil)
    #expect(page.write(Self.suspects([(Self.batch(1), []), (Self.batch(2), [7, 3, .max])])))
    #expect(page.condemned(in: Self.batch(1)) == [])
    #expect(page.condemned(in: Self.batch(2)) == [3, 7, .max])
    #expect(page.condemned(in: Self.batch(3)) == nil)
    #expect(page.condemned(in: Self.batch(1, stage: 1)) == nil)
    #expect(page.condemned(in: Self.batch(1, branch: 6)) == nil)
    #expect(page.write(Self.suspects([(Self.batch(3), [1])])))
    #expect(page.condemned(in: Self.batch(2)) == nil)
    #expect(page.condemned(in: Self.batch(3)) == [1])
    #expect(page.write([]))
    #expect(page.condemned(in: Self.batch(3)) == nil)
  }

  @Test func `what has no room is refused, and what was there stays`() {
    let memory = Memory(SuspectPage.size)
    let page = SuspectPage(base: memory.base)
    #expect(page.write(Self.suspects([(Self.batch(1), [4])])))
    let most = UInt32(SuspectPage.capacity)
    #expect(!page.write(Self.suspects([(Self.batch(2), Array(0..<most))])))
    #expect(page.condemned(in: Self.batch(1)) == [4])
    #expect(page.condemned(in: Self.batch(2)) == nil)
    #expect(page.write(Self.suspects([(Self.batch(2), Array(0..<most - 1))])))
    #expect(page.condemned(in: Self.batch(2))?.count == Int(most) - 1)
  }

  /// A reader beside a writer sees one version or the other, never a mixture.
  @Test func `a version is never seen torn`() throws {
    let memory = Memory(SuspectPage.size)
    let page = SuspectPage(base: memory.base)
    let records = Array(UInt32(0)..<200)
    let versions = [
      Self.suspects([(Self.batch(1), records), (Self.batch(2), [])]),
      Self.suspects([(Self.batch(2), records)]),
    ]
    #expect(page.write(versions[0]))
    final class Writer: @unchecked Sendable {
      let page: SuspectPage
      let versions: [[Suspects.Suspect]]

      init(_ page: SuspectPage, _ versions: [[Suspects.Suspect]]) {
        self.page = page
        self.versions = versions
      }
    }
    var thread = pthread_t()
    let context = Unmanaged.passRetained(Writer(page, versions))
    let status = pthread_create(
      &thread, nil,
      { argument in
        let writer = Unmanaged<Writer>.fromOpaque(argument!).takeRetainedValue()
        for turn in 1...20_000 { _ = writer.page.write(writer.versions[turn % 2]) }
        return nil
      }, context.toOpaque())
    try #require(status == 0)
    var seen: Set<Int> = []
    for _ in 0..<20_000 {
      let first = page.condemned(in: Self.batch(1))
      let second = page.condemned(in: Self.batch(2))
      if let first, first != records { Issue.record("a torn version: \(first.count) records") }
      guard second == [] || second == records else {
        Issue.record("a torn version: \(String(describing: second?.count))")
        break
      }
      seen.insert(first == nil ? 0 : 1)
    }
    pthread_join(thread, nil)
    #expect(!seen.isEmpty)
  }

  @Test func `a batch's name comes back`() throws {
    for seed in UInt64(0)..<1_000 {
      var random = SeededRandom(seed)
      let id = BatchID(
        origin: SlotID(
          stage: UInt16(truncatingIfNeeded: random.next()), index: UInt16(truncatingIfNeeded: random.next())),
        sequence: random.next(), branch: Branch(rawValue: random.next()))
      var writer = ByteWriter()
      writer.write(id)
      var reader = ByteReader(writer.bytes)
      #expect(try reader.readBatchID() == id && reader.isAtEnd, "seed \(seed)")
      var short = ByteReader(writer.bytes.dropLast())
      #expect(throws: ByteCodingError.self) { try short.readBatchID() }
    }
  }
}
