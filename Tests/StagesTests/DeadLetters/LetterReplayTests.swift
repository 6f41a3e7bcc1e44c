import Records
import Stages
import TestSupport
import Testing

struct LetterReplayTests {
  private let folder = TemporaryFolder()

  /// Seven letters of the stage `clean`: three of JSON, two of one schema, one of another, one of JSON.
  private func filled() throws -> DeadLetterStore {
    let store = try folder.store()
    let forms: [(RecordFormat, [UInt8])] = [
      (.json, []), (.json, []), (.json, []), (.csv, [1]), (.csv, [1]), (.csv, [2]), (.json, []),
    ]
    for (index, form) in forms.enumerated() {
      try store.insert(
        Letters.letter(UInt32(index), bytes: "0123456789"),
        from: Letters.origin(format: form.0, schema: form.1))
    }
    try store.insert(Letters.letter(0), from: Letters.origin(stage: "write", branch: 1))
    try store.commit()
    return store
  }

  /// The records of each group of a replay, and its next id.
  private func groups(
    _ store: DeadLetterStore, stage: String = "clean", from: Int64 = 0, letters: Int = 100,
    bytes: Int = 1 << 20
  ) throws -> [[Int64]] {
    var found: [[Int64]] = []
    var next = from
    while let group = try store.group(
      ofReplay: "r", stage: stage, from: next, mostLetters: letters, mostBytes: bytes)
    {
      found.append(group.letters.map(\.id))
      #expect(group.next > next)
      next = group.next
    }
    return found
  }

  @Test func `groups have one form and schema each, in the order of the letters`() throws {
    let store = try filled()
    #expect(try store.mark(LetterFilter(), replay: "r") == 8)
    #expect(try groups(store) == [[1, 2, 3], [4, 5], [6], [7]])
    #expect(try groups(store, stage: "write") == [[8]])
    #expect(try store.stages(ofReplay: "r") == ["clean", "write"])
    #expect(try groups(store, from: 5) == [[5], [6], [7]])
    #expect(try groups(store, letters: 2) == [[1, 2], [3], [4, 5], [6], [7]])
    // The letter that goes beyond the bytes is still part of its group: a large one can't block the way.
    #expect(try groups(store, bytes: 10) == [[1, 2], [3], [4, 5], [6], [7]])
    #expect(try groups(store, bytes: 0) == [[1], [2], [3], [4], [5], [6], [7]])
  }

  @Test func `what a replay reads does not change while others insert, drop and mark`() throws {
    let store = try filled()
    #expect(try store.mark(LetterFilter(ids: [1, 3, 5]), replay: "r") == 3)
    let before = try groups(store)
    #expect(before == [[1, 3], [5]])
    try store.drop(LetterFilter())
    try store.drop(olderThan: .max)
    try store.insert(Letters.letter(90), from: Letters.origin())
    try store.commit()
    try store.mark(LetterFilter(), replay: "other")
    #expect(try groups(store) == before)
    // Also after its end, for a source that starts once more.
    #expect(try store.finish(replay: "r") == 3)
    #expect(try groups(store) == before)
    #expect(try store.finish(replay: "r") == 0)
  }

  @Test func `a letter is part of one replay, once`() throws {
    let store = try filled()
    #expect(try store.mark(LetterFilter(stage: "write"), replay: "r") == 1)
    #expect(try store.mark(LetterFilter(stage: "write"), replay: "s") == 0)
    try store.finish(replay: "r")
    #expect(try store.mark(LetterFilter(stage: "write"), replay: "s") == 0)
    let stored = try store.letter(8)
    #expect(stored?.state == .replayed && stored?.replay == "r")
    // Its batch may be worked on once more, and does not bring it back.
    #expect(try !store.insert(Letters.letter(0), from: Letters.origin(stage: "write", branch: 1)))
    try store.commit()
    #expect(try store.letter(8)?.state == .replayed)
  }

  @Test func `a replay that is given up leaves dead letters`() throws {
    let store = try filled()
    try store.mark(LetterFilter(ids: [1, 2]), replay: "r")
    #expect(try store.count(LetterFilter(state: .replaying)) == 2)
    #expect(try store.abandon(replay: "r") == 2)
    #expect(try store.count(LetterFilter(state: .dead)) == 8)
    #expect(try groups(store) == [])
  }
}
