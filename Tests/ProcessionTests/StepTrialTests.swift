import Procession
import Testing

/// Steps of a program's own, over a few records.
struct StepTrialTests {
  /// Appends whatever the record's field `out` says, in ways that are right and wrong.
  private struct Odd: RecordStep {
    init(settings: Settings) {}

    func process(_ record: Record, into output: inout Output) throws {
      switch record.field("do")?.string {
      case "copy": try output.append(record)
      case "many":
        try output.append("1")
        try output.append("{\n \"a\": [1,\n 2]\n}")
        try output.append(["x": true])
      case "half":
        try output.append("1")
        throw Unfit()
      case "refuse":
        try output.append("1")
        output.refuse(record, "not wanted")
      case "text": try output.append("no json")
      case "bytes":
        try ([0x22, 0xFF, 0x22] as [UInt8]).withUnsafeBytes { try output.append(bytes: $0) }
      case "away": throw Unavailable("the outside is away")
      case "end": throw RunFailure("enough")
      default: break
      }
    }

    struct Unfit: Error {}
  }

  /// A step over batches whose output says where it comes from.
  private struct Whole: Step {
    let backwards: Bool

    init(settings: Settings) { backwards = settings.flag("backwards", default: false) }

    func process(_ batch: Batch, into output: inout Output) throws {
      let positions = backwards ? Array((0..<batch.count).reversed()) : Array(0..<batch.count)
      for position in positions { try output.append(batch[position].text, from: batch[position]) }
    }
  }

  private func run(_ words: String...) throws -> StepTrial.Result {
    try StepTrial(Odd.self).run(words.map { "{\"do\": \"\($0)\"}" })
  }

  @Test func `a record leads to any number of records`() throws {
    let result = try run("copy", "none", "many")
    #expect(result.records == [#"{"do": "copy"}"#, "1", #"{"a":[1,2]}"#, #"{"x":true}"#])
    #expect(result.refused.isEmpty)
  }

  @Test func `what a record led to before its error is taken back`() throws {
    let result = try run("copy", "half", "refuse", "copy")
    #expect(result.records == [#"{"do": "copy"}"#, #"{"do": "copy"}"#])
    #expect(
      result.refused == [.init(position: 1, reason: "Unfit()"), .init(position: 2, reason: "not wanted")])
  }

  @Test func `what is no JSON is refused and not passed on`() throws {
    let result = try run("text", "bytes")
    #expect(result.records.isEmpty)
    #expect(result.refused.map(\.position) == [0, 1])
    #expect(result.refused[0].reason.hasPrefix("the step's record is no JSON: "))
    #expect(result.refused[1].reason == "the step's record is no UTF-8")
  }

  @Test(arguments: ["away", "end"]) func `some errors are no record's fault`(word: String) throws {
    do {
      _ = try run("copy", word)
      Issue.record("nothing was thrown")
    } catch {
      #expect("\(error)".contains(word == "away" ? "the outside is away" : "enough"))
    }
  }

  @Test func `batches keep their order, and one that does not is tried record by record`() throws {
    let records = ["1", "2", "3"]
    #expect(try StepTrial(Whole.self).run(records).records == records)
    // Each record alone is in order.
    #expect(try StepTrial(Whole.self, settings: ["backwards": true]).run(records).records == records)
  }

  @Test func `fields are read as they are`() throws {
    struct Fields: RecordStep {
      init(settings: Settings) {}

      func process(_ record: Record, into output: inout Output) throws {
        let texts = [
          record.field("s")?.string, record.field("i")?.int.map { "\($0)" },
          record.field("d")?.double.map { "\($0)" }, record.field("b")?.bool.map { "\($0)" },
          record.field("n").map { "\($0.isNull)" }, record.field(named: "é")?.json, record.field("no")?.json,
        ]
        try output.append(texts)
      }
    }
    let result = try StepTrial(Fields.self).run([
      #"{"s":"a\nb","i":42,"d":1.5,"b":true,"n":null,"\u00e9":[1],"s2":1}"#, #"{"s":1,"i":1.5}"#, "[1]",
    ])
    #expect(
      result.records == [
        #"["a\nb","42","1.5","true","true","[1]",null]"#, "[null,null,null,null,null,null,null]",
        "[null,null,null,null,null,null,null]",
      ])
  }
}
