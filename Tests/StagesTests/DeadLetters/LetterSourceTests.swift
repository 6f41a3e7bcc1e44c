import PipelineFile
import Records
import Stages
import TestSupport
import Testing

extension TemporaryFolder {
  /// A source of letters: every record of an input, as if its stage had refused it. Made once for a folder.
  func letterSource(of input: FileSourcePlan) throws -> any StageSource {
    let names = input.files.map(\.shown)
    if try DeadLetterStore(existing: storePath) == nil {
      let store = try store()
      for cut in try Cutting.all(makeSource(input, slot: 0, of: 1, folder: "")) {
        let (records, batch) = (try cut.batch.records(), cut.batch)
        for (index, record) in records.enumerated() {
          var origin = Letters.origin(
            sequence: cut.start.offset + 1, branch: UInt64(record.file), format: batch.format,
            schema: batch.schema)
          origin.file = names[record.file]
          try store.insert(
            Letter(
              record: UInt32(index), line: UInt64(record.line), cause: .error("no"), worker: "clean.0",
              time: 1_000, bytes: Array(record.text.utf8)), from: origin)
        }
      }
      try store.commit()
      try store.mark(LetterFilter(), replay: "r")
    }
    return try makeSource(LetterSourcePlan(stage: "clean", replay: "r", store: storePath, files: names))
  }
}

/// What the conformance suite does not say of letters that are put back in.
struct LetterSourceTests {
  private let folder = TemporaryFolder()

  /// Letters of the stage `clean`, given by file and line.
  private func fill(_ places: [(file: String, line: UInt64)], bytes: String = "{}") throws {
    let store = try folder.store()
    for (index, place) in places.enumerated() {
      var origin = Letters.origin()
      origin.file = place.file
      var letter = Letters.letter(UInt32(index), bytes: bytes)
      letter.line = place.line
      try store.insert(letter, from: origin)
    }
    try store.commit()
    try store.mark(LetterFilter(), replay: "r")
  }

  private func source(_ format: FileFormat? = nil) throws -> any StageSource {
    try makeSource(
      LetterSourcePlan(
        stage: "clean", replay: "r", store: folder.storePath, files: ["a", "b"], format: format))
  }

  @Test func `each record keeps its file and line, whatever order letters came in`() throws {
    let places: [(file: String, line: UInt64)] = [
      ("a", 7), ("a", 7), ("a", 30), ("a", 2), ("b", 3), ("b", 4), ("a", 5), ("a", 0), ("a", 0), ("a", 1),
    ]
    try fill(places)
    let cuts = try Cutting.all(source())
    #expect(cuts.map(\.batch.recordCount) == [3, 1, 2, 1, 2, 1])
    let found = try cuts.flatMap { try $0.batch.records() }
    #expect(found.map(\.line) == places.map { Int($0.line) })
    #expect(found.map(\.file) == places.map { $0.file == "a" ? 0 : 1 })
  }

  @Test func `a batch depends on its mark only, whatever was read before`() throws {
    var random = SeededRandom(11)
    try fill((0..<2_000).map { _ in (random.pick(["a", "a", "a", "b"]), UInt64(random.below(50))) })
    let source = try source()
    let cuts = try Cutting.all(source)
    #expect(cuts.count > 100)
    for cut in cuts {
      #expect(try Cutting.one(self.source(), at: cut.start) == cut)
      #expect(try Cutting.one(source, at: cut.start) == cut)
    }
  }

  @Test func `what a source can't let pass it refuses again`() throws {
    try fill([("a", 1)], bytes: "{")
    try folder.store().insert(Letters.letter(9, bytes: "{}"), from: Letters.origin())
    var errors = RecordErrors(policy: .deadLetter, worker: "read.0")
    let cut = try #require(try Cutting.one(source(.jsonLines), at: InputMark(), &errors))
    #expect(cut.batch.recordCount == 0 && cut.taken == 1)
    #expect(errors.takeLetters().map(\.bytes) == [Array("{".utf8)])
    // The file says now that lines may be anything.
    let lines = try #require(try Cutting.one(source(.lines), at: InputMark()))
    #expect(lines.batch.format == .line && lines.batch.text == "{\n")
    // Further down it was a record already.
    #expect(try Cutting.one(source(), at: InputMark())?.batch.recordCount == 1)
  }

  @Test func `a store that is gone is an error`() {
    #expect(throws: StageFailure.self) { try source() }
  }
}
