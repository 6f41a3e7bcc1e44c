import PipelineFile
import Records
import Stages
import TestSupport
import Testing

/// What a chain does with records that a step can't work on.
struct RefusedRecordTests {
  private let folder = TemporaryFolder()

  private func errors(_ policy: ErrorPlan.OnError = .deadLetter) -> RecordErrors {
    RecordErrors(policy: policy, worker: "clean.1")
  }

  private static let typed: FileFormat = {
    var options = CSVOptions()
    options.types = [.init(column: "a", type: .number)]
    return .csv(options)
  }()

  @Test func `a refused record becomes a letter with its place, its step and its bytes`() throws {
    let text = "{\"a\":1}\n\n{\"a\":\"x\"}\n{\"a\":3}\n"
    let batch = try folder.batches(text, .jsonLines)[0]
    var errors = errors()
    let made = try Chain([.filter("true"), .map("{b: (.a - 1)}")])(batch, &errors)
    #expect(made.batch.text == "{\"b\":0}\n{\"b\":2}\n")
    #expect(made.batch.recordCount == 2 && made.filtered == 0 && errors.deadCount == 1)
    let letter = try #require(errors.takeLetters().first)
    #expect(letter.record == 1 && letter.line == 3 && letter.step == 2 && letter.worker == "clean.1")
    #expect(letter.cause == .error("string (\"x\") and number (1) cannot be subtracted"))
    #expect(letter.bytes == Array("{\"a\":\"x\"}".utf8))
    // The lines of what is left are right.
    var again = self.errors()
    _ = try Chain([.filter("error(\"no\")")])(made.batch, &again)
    #expect(again.takeLetters().map(\.line) == [1, 4])
  }

  @Test func `what a record led to before its error is taken back`() throws {
    let batch = try folder.batches("[1,2]\n[3,\"x\",4]\n[5]\n", .jsonLines)[0]
    var errors = errors()
    let made = try Chain([.map(".[]"), .map(". * 2, (. | tonumber | -.)"), .filter("true")])(
      batch, &errors)
    #expect(made.batch.text == "2\n-1\n4\n-2\n10\n-5\n")
    #expect(errors.takeLetters().map(\.record) == [1])
    var positions: [Int] = []
    var lines = LineTableReader(UnsafeRawBufferPointer(start: nil, count: 0))
    made.batch.lineTable.withUnsafeBytes {
      lines = LineTableReader($0)
      while let line = lines.next() { positions.append(line) }
    }
    #expect(positions == [0, 0, 0, 0, 2, 2])
  }

  @Test(arguments: [[StepPlan.filter(".a > 1")], [.map("{a}")], [.filter("true"), .map(".a | [.]")]])
  func `rows that are no rows of their schema are refused, and the next row is read`(
    _ steps: [StepPlan]
  ) throws {
    let text = "a,b\n2,x\n3\n4,\"y\"z\n5,y,z\n\"6\n\",q\nno,x\n7,\"long\nrow\"\n"
    let batch = try folder.batches(text, Self.typed)[0]
    var errors = errors()
    let made = try Chain(steps)(batch, &errors)
    #expect(made.batch.recordCount == 2)
    let letters = errors.takeLetters()
    #expect(letters.map(\.record) == [1, 2, 3, 4, 5] && letters.map(\.line) == [3, 4, 5, 6, 8])
    #expect(
      letters.map { String(decoding: $0.bytes, as: UTF8.self) }
        == ["3", "4,\"y\"z", "5,y,z", "\"6\n\",q", "no,x"])
    #expect(letters.allSatisfy { $0.step == 0 })
    guard case .error(let text) = letters[0].cause else {
      Issue.record("a refusal is an error")
      return
    }
    #expect(text == "1 cells where the columns are 2; add the missing cells, or set ragged: pad")
  }

  @Test func `a record that a lookup misses is refused where the lookup says so, and ends the run where not`()
    throws
  {
    folder.write("table", "k,v\n1,one\n")
    func lookup(_ missing: LookupPlan.Missing) -> StepPlan {
      .lookup(folder.input("table"), .csv(CSVOptions()), key: ".k", tableKey: "k", missing: missing)
    }
    let batch = try folder.batches("{\"k\":1}\n{\"k\":2}\n{\"k\":1}\n", .jsonLines)[0]
    let map = StepPlan.map("{v: .found.v}")
    for steps in [[lookup(.deadLetter)], [lookup(.deadLetter), map]] {
      var errors = errors()
      let made = try Chain(steps)(batch, &errors)
      #expect(made.batch.recordCount == 2)
      let letter = try #require(errors.takeLetters().first)
      #expect(letter.record == 1 && letter.step == 1)
      var failing = self.errors(.fail)
      #expect(throws: StageFailure.self) { _ = try Chain(steps)(batch, &failing) }
    }
    for steps in [[lookup(.fail)], [lookup(.fail), map]] {
      var errors = errors()
      #expect(throws: StageFailure.self) { _ = try Chain(steps)(batch, &errors) }
    }
  }

  @Test func `a policy of drop counts, and one of fail throws as ever`() throws {
    let batch = try folder.batches("{\"a\":1}\n{\"a\":\"x\"}\n{\"a\":0}\n", .jsonLines)[0]
    let steps: [StepPlan] = [.filter("(.a - 1) >= 0")]
    var dropping = errors(.drop)
    let made = try Chain(steps)(batch, &dropping)
    #expect(made.batch.text == "{\"a\":1}\n" && made.filtered == 2)
    #expect(dropping.dropped == 1 && dropping.deadCount == 0)
    var failing = errors(.fail)
    #expect(
      failure { _ = try Chain(steps)(batch, &failing) }
        == "standard input:2: error: string (\"x\") and number (1) cannot be subtracted "
        + "(stage clean, step 1, filter)")
  }

  @Test(arguments: [FileFormat.jsonLines, .csv(CSVOptions())])
  func `a condemned record is passed over untouched`(_ format: FileFormat) throws {
    let rows = ["1", "2", "\"bad\"", "4"]
    let text = (format == .jsonLines ? "" : "a\n") + rows.joined(separator: "\n") + "\n"
    let batch = try folder.batches(text, format)[0]
    let program = format == .jsonLines ? ". - 1" : ".a - 1"
    for policy in ErrorPlan.OnError.allCases {
      var errors = errors(policy)
      errors.condemned = [0, 2]
      errors.condemnedLetter = { record, line, bytes in
        Letter(
          record: UInt32(record), line: line, cause: .death("SIGSEGV"), attempts: 3, worker: "clean.0",
          time: 7, bytes: Array(bytes))
      }
      var touched: [Int] = []
      let made = try Chain([.map(program)])(
        batch, &errors, beforeRecord: { index, _ in touched.append(index) })
      #expect(made.batch.text == "1\n3\n" && made.filtered == 0 && touched == [1, 3])
      let letters = errors.takeLetters()
      #expect(
        letters.map(\.record) == [0, 2] && letters.map(\.cause) == [.death("SIGSEGV"), .death("SIGSEGV")])
      #expect(letters.map(\.line) == (format == .jsonLines ? [1, 3] : [2, 4]))
      #expect(letters.map(\.bytes) == [Array("1".utf8), Array("\"bad\"".utf8)])
    }
  }

  /// Records that err, are condemned or filtered in any mixture: each is counted once, and the rest comes out.
  @Test(arguments: 0..<60)
  func `every record is output, filtered, dropped or dead`(seed: Int) throws {
    var random = SeededRandom(UInt64(seed))
    let isCSV = random.below(2) == 0
    let count = 1 + random.below(30)
    var kinds: [Int] = []
    var text = isCSV ? "a,b\n" : ""
    for index in 0..<count {
      let kind = random.below(4)
      kinds.append(kind)
      let value = ["\(index)", "-1", "\"x\"", "null"][kind]
      text += isCSV ? "\(kind == 3 ? "" : value),\(kind == 3 ? "\"p\"q" : "y")\n" : "{\"a\":\(value)}\n"
    }
    let condemned = (0..<count).filter { _ in random.below(5) == 0 }
    let policy: ErrorPlan.OnError = random.below(2) == 0 ? .deadLetter : .drop
    let batch = try folder.batches(text, isCSV ? .csv(CSVOptions()) : .jsonLines)[0]
    for steps in [[StepPlan.filter(".a + 0 >= 0")], [.filter(".a + 0 >= 0"), .map(".a")]] {
      var errors = errors(policy)
      errors.condemned = condemned.map(UInt32.init)
      let made = try Chain(steps)(batch, &errors)
      let lives = (0..<count).filter { !condemned.contains($0) }
      let refused = lives.filter { kinds[$0] == 2 || (kinds[$0] == 3 && isCSV) }
      let passed = lives.filter { kinds[$0] == 0 || (kinds[$0] == 3 && !isCSV) }
      #expect(made.batch.recordCount == passed.count, "seed \(seed)")
      let dead = errors.takeLetters().map { Int($0.record) }
      #expect(dead == (condemned + (policy == .drop ? [] : refused)).sorted(), "seed \(seed)")
      #expect(made.filtered + dead.count + passed.count == count, "seed \(seed)")
    }
  }
}
