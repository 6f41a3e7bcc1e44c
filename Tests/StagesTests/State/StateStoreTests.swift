import Records
import Stages
import TestSupport
import Testing

/// The state of a step, beside a dictionary that does the same.
@Suite struct StateStoreTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file(StateStore.fileName) }

  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test func `what was committed is there again and what was not is gone`() throws {
    do {
      let store = try StateStore(path)
      #expect(store.storedPosition == nil)
      try store.set(bytes("a"), bytes("1"))
      try store.commit(position: bytes("here"), removing: [])
      try store.set(bytes("a"), bytes("2"))
      try store.set(bytes("b"), bytes("3"))
    }
    let store = try StateStore(path)
    #expect(store.storedPosition == bytes("here"))
    #expect(try store.get(bytes("a")) == bytes("1"))
    #expect(try store.get(bytes("b")) == nil)
  }

  @Test func `keys and values are any bytes, empty ones too`() throws {
    let values: [[UInt8]] = [[], [0], [0xFF, 0xFF], Array(repeating: 7, count: 100_000)]
    do {
      let store = try StateStore(path)
      for value in values { try store.set(value, value) }
      try store.commit(position: [], removing: [])
    }
    let store = try StateStore(path)
    for value in values { #expect(try store.get(value) == value) }
    var found: [[UInt8]] = []
    try store.each { key, value in
      #expect(key == value)
      found.append(key)
      return true
    }
    #expect(found == values.sorted { $0.lexicographicallyPrecedes($1) })
  }

  @Test func `a record that is taken back leaves nothing, wherever its changes are by then`() throws {
    let store = try StateStore(path)
    try store.mark()
    try store.set(bytes("a"), bytes("1"))
    try store.set(bytes("gone"), bytes("0"))
    try store.mark()
    try store.set(bytes("a"), bytes("a longer one than there was room for"))
    try store.set(bytes("a"), bytes("2"))
    try store.remove(bytes("gone"))
    try store.set(bytes("new"), bytes("3"))
    // What is looked at in order is handed to SQLite first.
    var keys: [String] = []
    try store.each { key, _ in
      keys.append(String(decoding: key, as: UTF8.self))
      return true
    }
    #expect(keys == ["a", "new"])
    store.takeBack()
    #expect(try store.get(bytes("a")) == bytes("1"))
    #expect(try store.get(bytes("gone")) == bytes("0"))
    #expect(try store.get(bytes("new")) == nil)
    try store.commit(position: [], removing: [])
    let next = try StateStore(path)
    #expect(try next.get(bytes("a")) == bytes("1"))
    #expect(try next.get(bytes("gone")) == bytes("0"))
    #expect(try next.get(bytes("new")) == nil)
  }

  @Test func `keys come in the order of their bytes, from a prefix on`() throws {
    let store = try StateStore(path)
    for number in 0..<1_000 { try store.set(bytes("n\(1_000 + number)"), bytes("\(number)")) }
    try store.set([0xFF, 0xFF, 1], [1])
    try store.set([0xFF], [2])
    var found: [String] = []
    try store.each(prefix: bytes("n")) { key, _ in
      found.append(String(decoding: key, as: UTF8.self))
      return found.count < 700
    }
    #expect(found == (0..<700).map { "n\(1_000 + $0)" })
    var last: [[UInt8]] = []
    try store.each(prefix: [0xFF]) { key, _ in
      last.append(key)
      return true
    }
    #expect(last == [[0xFF], [0xFF, 0xFF, 1]])
  }

  @Test func `keys may be changed and removed on the way through them`() throws {
    let store = try StateStore(path)
    for number in 0..<600 { try store.set(bytes("\(1_000 + number)"), bytes("x")) }
    var seen = 0
    try store.each { key, _ in
      seen += 1
      #expect(throws: Never.self) { try store.remove(key) }
      return true
    }
    #expect(seen == 600)
    try store.commit(position: [], removing: [])
    try StateStore(path).each { _, _ in
      Issue.record("a key is left")
      return false
    }
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `a small cache shows what a dictionary holds`(seed: UInt64) throws {
    var random = SeededRandom(seed)
    var model: [[UInt8]: [UInt8]] = [:]
    var committed = model
    // So small that it is emptied every few records.
    var opened: StateStore? = try StateStore(path, cacheBytes: 100_000)
    for round in 0..<4_000 {
      let before = model
      try opened!.mark()
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let key = bytes("key \(Int.random(in: 0..<2_000, using: &random))")
        #expect(try opened!.get(key) == model[key], "seed \(seed), round \(round)")
        if Int.random(in: 0..<4, using: &random) == 0 {
          try opened!.remove(key)
          model[key] = nil
        } else {
          let value = Array(repeating: UInt8(round & 0xFF), count: Int.random(in: 0...60, using: &random))
          try opened!.set(key, value)
          model[key] = value
        }
      }
      if Int.random(in: 0..<5, using: &random) == 0 {
        opened!.takeBack()
        model = before
      }
      var dies = false
      switch Int.random(in: 0..<200, using: &random) {
      case 0:
        try opened!.commit(position: bytes("\(round)"), removing: [])
        committed = model
      case 1:
        dies = true
      default: break
      }
      if dies {
        opened = nil
        opened = try StateStore(path, cacheBytes: 100_000)
        model = committed
      }
    }
    var left: [[UInt8]: [UInt8]] = [:]
    try #require(opened).each { key, value in
      left[key] = value
      return true
    }
    #expect(left == model, "seed \(seed)")
  }

  @Test func `an incarnation that was thought dead writes nothing`() throws {
    let old = try StateStore(path)
    try old.set(bytes("a"), bytes("1"))
    let new = try StateStore(path)
    #expect(throws: StageFailure.self) { try old.commit(position: [], removing: []) }
    #expect(old.failure?.description.contains("another process has taken it over") == true)
    #expect(try new.get(bytes("a")) == nil)
  }

  @Test func `numbered batches are kept until they are removed`() throws {
    let letters = StoredBatch.Letters(
      count: 2, format: .csv, framing: .csv, provenance: Provenance(file: 3, offset: 1 << 40, line: 9),
      fileStage: 4, schema: [1, 2], payload: [3])
    let batch = StateOutput.Batch(
      recordCount: 2, provenance: Provenance(file: 1, offset: 5, line: 7), fileStage: 2)
    do {
      let store = try StateStore(path)
      for sequence: UInt64 in 1...3 {
        try bytes("{}\n[]\n").withUnsafeBytes { payload in
          try bytes("table").withUnsafeBytes { table in
            try store.insert(
              sequence, batch, payload: payload, lineTable: table, letters: sequence == 2 ? letters : nil)
          }
        }
      }
      try store.commit(position: [], removing: [1])
    }
    let store = try StateStore(path)
    #expect(try store.storedSequences() == [2, 3])
    #expect(try store.batch(1) == nil)
    let found = try #require(try store.batch(2))
    #expect(found.payload == bytes("{}\n[]\n") && found.lineTable == bytes("table"))
    #expect(found.batch.recordCount == 2 && found.batch.fileStage == 2 && found.batch.provenance.line == 7)
    let kept = try #require(found.letters)
    #expect(kept.count == 2 && kept.format == .csv && kept.framing == .csv && kept.fileStage == 4)
    #expect(kept.provenance == letters.provenance && kept.schema == [1, 2] && kept.payload == [3])
    #expect(try store.batch(3)?.letters == nil)
  }
}
