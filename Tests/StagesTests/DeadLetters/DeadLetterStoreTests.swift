import Records
import SQLite
import Stages
import TestSupport
import Testing

struct DeadLetterStoreTests {
  private let folder = TemporaryFolder()

  @Test func `a letter comes back as it was given`() throws {
    let store = try folder.store()
    let letters = [
      Letter(
        record: .max, line: 1 << 40, step: .max, cause: .death("SIGSEGV"), attempts: 5, worker: "clean.3",
        time: 1_700_000_000_123_456_789, lastWords: "é\n\n", bytes: [0, 255, 10]),
      Letters.letter(0, bytes: ""),
    ]
    let origins = [
      Letters.origin(run: .max, sequence: 1 << 62, branch: 0, slot: .max, format: .csv, schema: [1, 0, 2]),
      Letters.origin(format: .line),
    ]
    for (letter, origin) in zip(letters, origins) { #expect(try store.insert(letter, from: origin)) }
    try store.commit()
    let found = try #require(try DeadLetterStore(existing: folder.storePath)).letters()
    #expect(found.map(\.letter) == letters && found.map(\.origin) == origins)
    #expect(found.allSatisfy { $0.state == .dead && $0.replay == nil })
  }

  @Test func `a batch that is worked on again leaves its letters once`() throws {
    let store = try folder.store()
    for attempt in 1...3 {
      for record: UInt32 in [2, 0, 7] {
        let isNew = try store.insert(
          Letters.letter(record, attempts: UInt32(attempt)), from: Letters.origin())
        #expect(isNew == (attempt == 1))
      }
      try store.commit()
    }
    #expect(try store.letters().map(\.letter.record) == [2, 0, 7])
    #expect(try store.letters().allSatisfy { $0.letter.attempts == 1 })
  }

  @Test func `every part of the identity tells letters apart`() throws {
    let store = try folder.store()
    let origins = [
      Letters.origin(), Letters.origin(run: 2), Letters.origin(sequence: 2), Letters.origin(branch: 1),
      Letters.origin(slot: 1),
    ]
    for origin in origins { #expect(try store.insert(Letters.letter(), from: origin)) }
    #expect(try store.insert(Letters.letter(1), from: Letters.origin()))
    for origin in origins { #expect(try !store.insert(Letters.letter(), from: origin)) }
    try store.commit()
    #expect(try store.count(of: 1) == 5 && store.count(of: 2) == 1 && store.count(of: 3) == 0)
  }

  @Test func `what was not committed is gone, and comes again with its batch`() throws {
    var store: DeadLetterStore? = try folder.store()
    try store!.insert(Letters.letter(0), from: Letters.origin())
    try store!.commit()
    try store!.insert(Letters.letter(1), from: Letters.origin(sequence: 2))
    #expect(try folder.storedRecords() == [0])
    store = nil
    let again = try folder.store()
    #expect(try again.count(of: 1) == 1)
    #expect(try again.insert(Letters.letter(1), from: Letters.origin(sequence: 2)))
    try again.commit()
    #expect(try folder.storedRecords() == [0, 1])
  }

  @Test func `letters can be read and dropped while others are inserted`() throws {
    let writer = try folder.store()
    try writer.insert(Letters.letter(0), from: Letters.origin())
    try writer.commit()
    let reader = try #require(try DeadLetterStore(existing: folder.storePath))
    var seen: [UInt32] = []
    try writer.insert(Letters.letter(1), from: Letters.origin())
    try reader.read(LetterFilter()) { stored in
      seen.append(stored.letter.record)
      return true
    }
    #expect(seen == [0])
    try writer.commit()
    #expect(try reader.drop(LetterFilter(ids: [1])) == 1)
    try writer.insert(Letters.letter(2), from: Letters.origin())
    try writer.commit()
    #expect(try reader.letters().map(\.id) == [2, 3])
  }

  @Test func `a filter means what all its parts mean`() throws {
    let store = try folder.store()
    try store.insert(Letters.letter(0, time: 10), from: Letters.origin())
    try store.insert(Letters.letter(1, cause: .death("SIGKILL"), time: 20), from: Letters.origin())
    try store.insert(Letters.letter(2, cause: .error("is death"), time: 30), from: Letters.origin())
    try store.insert(Letters.letter(3, time: 40), from: Letters.origin(stage: "write", branch: 1))
    try store.commit()
    func records(_ filter: LetterFilter) throws -> [UInt32] {
      let found = try store.letters(filter).map(\.letter.record)
      if filter.limit == nil { #expect(try store.count(filter) == found.count) }
      return found
    }
    #expect(try records(LetterFilter(stage: "clean")) == [0, 1, 2])
    #expect(try records(LetterFilter(cause: "wrong")) == [0, 3])
    #expect(try records(LetterFilter(cause: "death")) == [1, 2])
    #expect(try records(LetterFilter(since: 20)) == [1, 2, 3])
    #expect(try records(LetterFilter(stage: "clean", since: 20)) == [1, 2])
    #expect(try records(LetterFilter(limit: 2)) == [2, 3])
    #expect(try records(LetterFilter(ids: [1, 4, 99])) == [0, 3])
    #expect(try records(LetterFilter(ids: [])) == [])
    #expect(try records(LetterFilter(state: .replayed)) == [])
    #expect(try store.drop(LetterFilter(stage: "write")) == 1)
    #expect(try store.letter(4) == nil && store.letter(3)?.letter.record == 2)
  }

  @Test func `old letters are forgotten, but for those that are being replayed`() throws {
    let store = try folder.store()
    for record: UInt32 in 0..<4 {
      try store.insert(Letters.letter(record, time: UInt64(record) * 10), from: Letters.origin())
    }
    try store.commit()
    #expect(try store.mark(LetterFilter(ids: [1]), replay: "r") == 1)
    #expect(try store.drop(olderThan: 20) == 1)
    #expect(try folder.storedRecords() == [0, 2, 3])
    #expect(try store.drop(LetterFilter()) == 2)
    #expect(try folder.storedRecords() == [0])
  }

  @Test func `an id is never used again`() throws {
    let store = try folder.store()
    try store.insert(Letters.letter(0), from: Letters.origin())
    try store.commit()
    try store.drop(LetterFilter())
    try store.insert(Letters.letter(0), from: Letters.origin())
    try store.commit()
    #expect(try store.letters().map(\.id) == [2])
  }

  @Test func `a store that is not there is none, and one of another version is refused`() throws {
    #expect(try DeadLetterStore(existing: folder.storePath) == nil)
    #expect(folder.read(DeadLetterStore.fileName) == nil)
    do {
      let database = try Database(folder.storePath)
      try database.execute("PRAGMA user_version = 9")
    }
    let text = failureText { _ = try folder.store() }
    #expect(text?.contains("its letters have format 9, and this version knows format 1") == true)
  }
}
