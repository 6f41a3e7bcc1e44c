import PipelineFile
import Records
import Stages
import TestSupport
import Testing

/// Chains of several parts: a step of the program between the expressions must change nothing.
struct ChainPartsTests {
  /// Passes every record on, and on the way refuses and drops those that say so.
  private final class PassOn: ChainPart {
    private let table: RecordTable
    private let context: PartContext
    private(set) var owners: [UInt32] = []

    init(_ context: PartContext) {
      self.context = context
      table = RecordTable(.asRead, names: context.names)
    }

    func process(
      _ batch: BatchView, headroom: Int, into buffer: inout BatchBuffer, lines: inout LineTableBuilder,
      errors: inout RecordErrors
    ) throws(StageFailure) -> ChainOutput {
      try table.read(batch, errors: &errors)
      buffer = BatchBuffer(headroom: headroom + batch.schema.count, capacity: batch.payload.count)
      lines.removeAll()
      owners = []
      var filtered = 0
      for entry in table.entries {
        let text = table.text.bytes(entry.range)
        let words = String(decoding: text, as: UTF8.self)
        if words.contains("refuse") {
          try errors.refuse(
            record: entry.index, line: entry.line, step: context.firstStep + 1, text: "refused by pass-on",
            bytes: table.payload.bytes(entry.raw),
            failure: context.failure("refused", step: "use", line: entry.line, in: batch))
          continue
        }
        if words.contains("drop") {
          filtered += 1
          continue
        }
        buffer.append(text)
        buffer.append(UInt8(ascii: "\n"))
        lines.append(line: Int(entry.line - batch.provenance.line))
        owners.append(UInt32(entry.index))
      }
      return ChainOutput(
        format: batch.format, framing: batch.framing, schema: Array(batch.schema), recordCount: lines.count,
        filtered: filtered)
    }
  }

  private static let passOn: StepPlan = {
    UserStages.register(
      step: "pass-on",
      UserStages.StepType(
        check: { _ in UserTypeCheck() }, makePart: { _, context in PassOn(context) }))
    return .use(UsePlan(name: "pass-on", settings: SettingNode(.map([]), position: .test), position: .test))
  }()

  private let folder = TemporaryFolder()

  private func errors(_ policy: ErrorPlan.OnError = .deadLetter) -> RecordErrors {
    RecordErrors(policy: policy, worker: "clean.1")
  }

  /// What became of a batch, as the stages around see it.
  private struct Outcome: Equatable {
    var records: [Found]
    var filtered: Int
    var letters: [Letter]
    var dropped: Int
  }

  private func outcome(
    _ steps: [StepPlan], _ batch: OwnedBatch, _ policy: ErrorPlan.OnError = .deadLetter,
    condemned: [UInt32]? = nil
  ) throws -> Outcome {
    var errors = errors(policy)
    var noted: [Int] = []
    if let condemned { errors.condemned = condemned }
    let made = try Chain(steps)(
      batch, &errors, beforeRecord: condemned == nil ? nil : { index, _ in noted.append(index) })
    if let condemned {
      #expect(noted == (0..<batch.recordCount).filter { !condemned.contains(UInt32($0)) })
    }
    let letters = errors.takeLetters().map { letter in
      var letter = letter
      letter.time = 0
      // Positions of steps shift by the steps in between.
      letter.step = 0
      return letter
    }
    return Outcome(
      records: try made.batch.records(), filtered: made.filtered, letters: letters, dropped: errors.dropped)
  }

  @Test func `a record refused by a later part is a letter of the stage's own record`() throws {
    let text = "{\"v\":[\"a\",\"refuse\"]}\n\n{\"v\":[\"b\",\"c\"]}\n{\"v\":[\"drop\"]}\n"
    let batch = try folder.batches(text, .jsonLines)[0]
    var errors = errors()
    let made = try Chain([.map(".v[]"), Self.passOn, .map("[.]")])(batch, &errors)
    #expect(made.batch.text == "[\"b\"]\n[\"c\"]\n")
    #expect(made.filtered == 1)
    let letters = errors.takeLetters()
    #expect(letters.map(\.record) == [0] && letters.map(\.line) == [1] && letters.map(\.step) == [2])
    #expect(letters[0].bytes == Array("{\"v\":[\"a\",\"refuse\"]}".utf8))
    #expect(letters[0].cause == .error("refused by pass-on"))
  }

  @Test func `with on_error fail the place, the step and its name are told`() throws {
    let batch = try folder.batches("\"a\"\n\"refuse\"\n", .jsonLines)[0]
    let message = failure {
      var errors = errors(.fail)
      _ = try Chain([.filter("true"), Self.passOn, .map(".")])(batch, &errors)
    }
    #expect(message == "standard input:2: error: refused by pass-on (stage clean, step 2, use pass-on)")
  }

  @Test func `parts in between change nothing`() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("chain parts: seed \(seed)")
    var random = SeededRandom(seed)
    let pieces = [
      "1", "2", "-3", "\"x\"", "null", "[1,2]", "[\"y\",3,null]", "{\"a\":1}", "{\"a\":\"z\"}", "{\"a\":[1]}",
    ]
    let programs: [StepPlan] = [
      .filter(". != 1"), .filter(".a? != 1"), .map(".[]?, ."),
      .map("if type == \"number\" then -. else . end"),
      .map(". + 1"), .map("tojson"), .filter("(. | length) > 0"), .map("if . == null then empty else . end"),
      .map(".a"),
    ]
    for _ in 0..<60 {
      var text = ""
      for _ in 0..<random.below(12) {
        text += random.pick(pieces) + "\n"
        if random.below(5) == 0 { text += "\n" }
      }
      guard let batch = try folder.batches(text, .jsonLines).first else { continue }
      let steps = (0..<1 + random.below(4)).map { _ in random.pick(programs) }
      var parted: [StepPlan] = []
      for step in steps {
        if random.below(2) == 0 { parted.append(Self.passOn) }
        parted.append(step)
      }
      if parted.count == steps.count { parted.append(Self.passOn) }
      let policy: ErrorPlan.OnError = random.below(2) == 0 ? .deadLetter : .drop
      var condemned: [UInt32]?
      if random.below(2) == 0 {
        condemned = (0..<UInt32(batch.recordCount)).filter { _ in random.below(4) == 0 }
      }
      let whole = try outcome(steps, batch, policy, condemned: condemned)
      let inParts = try outcome(parted, batch, policy, condemned: condemned)
      #expect(whole == inParts, "seed \(seed): \(text) \(steps) \(parted)")
      if whole != inParts { return }
    }
  }
}
