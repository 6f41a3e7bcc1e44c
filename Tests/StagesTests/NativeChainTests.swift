import Expressions
import Glibc
import PipelineFile
import Records
import Testing

import Stages

/// Chains that run without libjq, and what they do where they cannot.
struct NativeChainTests {
  private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  private static func contents(of path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
    return bytes
  }

  private static func position(_ line: Int) -> SourcePosition {
    SourcePosition(file: "p.yaml", line: line, column: 1)
  }

  private static func program(_ text: String) -> JQPlan { JQPlan(program: text, position: position(1)) }

  private static func chain(_ steps: [StepPlan]) throws -> StepChain {
    let plan = Plan(name: "p", file: "p.yaml", directory: root, vars: [], stages: [])
    return try StepChain(steps, stage: "work", plan: plan, tables: [:])
  }

  /// What `chain` makes of a batch, and the lines of the output's records.
  private static func output(
    of chain: StepChain, _ text: [UInt8], schema: CSVSchema?
  ) throws -> (text: String, lines: [Int], format: RecordFormat) {
    var buffer = BatchBuffer(headroom: 0, capacity: 1)
    var lines = LineTableBuilder()
    let payload = text + [UInt8](repeating: 0, count: BatchBuffer.padding)
    let encoded = schema?.encode() ?? []
    let made = try payload.withUnsafeBytes { payload in
      try encoded.withUnsafeBytes { encoded in
        let view = BatchView(
          format: schema == nil ? .json : .csv, framing: schema == nil ? .newline : .csv, recordCount: 0,
          schema: encoded, payload: UnsafeRawBufferPointer(rebasing: payload[..<text.count]),
          provenance: Provenance(), originStage: 0, lineTable: UnsafeRawBufferPointer(start: nil, count: 0))
        var errors = RecordErrors(policy: .fail, worker: "work.0")
        return try chain.process(view, headroom: 0, into: &buffer, lines: &lines, errors: &errors)
      }
    }
    let numbers = lines.withBytes { bytes in
      var reader = LineTableReader(bytes)
      var numbers: [Int] = []
      while let line = reader.next() { numbers.append(line) }
      return numbers
    }
    #expect(numbers.count == made.recordCount)
    return (buffer.withPayload { String(decoding: $0, as: UTF8.self) }, numbers, made.format)
  }

  @Test func flightsNeedNoLibjq() throws {
    let loaded = PipelineFile.load(
      path: "pipelines/flights.yaml", environment: [:], currentDirectory: Self.root,
      checker: { _, _ in JQCheck() })
    let plan = try loaded.get().plan
    let stage = try #require(plan.stages.first { $0.name == "clean" })
    guard case .steps(let steps) = stage.work else {
      Issue.record("clean has no steps")
      return
    }
    let chain = try StepChain(steps, stage: "clean", plan: plan, tables: [:])
    let bytes = try Self.contents(of: Self.root + "/pipelines/data/flights.csv")
    let end = try #require(bytes.firstIndex(of: UInt8(ascii: "\n")))
    let columns = String(decoding: bytes[..<end], as: UTF8.self).split(separator: ",").map(String.init)
    let made = try Self.output(
      of: chain, Array(bytes[(end + 1)...]), schema: try CSVSchema(columns: columns, nulls: ["NA"]))
    let expected = try Self.contents(of: Self.root + "/Tests/EndToEndTests/Golden/flights.expected.jsonl")
    #expect(made.text == String(decoding: expected, as: UTF8.self))
    #expect(!chain.hasUsedLibjq)
  }

  /// Every record that needs libjq stays in its place among those that do not.
  @Test func recordsKeepTheirOrderAndLines() throws {
    let steps: [StepPlan] = [
      .filter(Self.program(".a != 3")), .map(Self.program("{a: (.a + 1), b: (.b | length)}")),
    ]
    let rows = "1,x\n2,é€\n\n3,y\n\"4\",z\n5,xyz\n"
    let chain = try Self.chain(steps)
    #expect(throws: StageFailure.self) {
      try Self.output(of: chain, Array(rows.utf8), schema: try CSVSchema(columns: ["a", "b"]))
    }
    let fine = rows.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("\"4") }
    let made = try Self.output(
      of: chain, Array(fine.joined(separator: "\n").utf8), schema: try CSVSchema(columns: ["a", "b"]))
    #expect(made.text == "{\"a\":2,\"b\":1}\n{\"a\":3,\"b\":2}\n{\"a\":6,\"b\":3}\n")
    #expect(made.lines == [0, 1, 4])
    #expect(chain.hasUsedLibjq)
  }

  @Test func filtersKeepBytes() throws {
    let chain = try Self.chain([.filter(Self.program(".a > 1 and .b != null"))])
    let lines = "{\"a\": 1, \"b\":2}\n { \"a\":2.0 , \"b\":\"x\"}\n{\"a\":2}\n{\"a\":[1],\"b\":1}\n"
    let made = try Self.output(of: chain, Array(lines.utf8), schema: nil)
    #expect(made.text == " { \"a\":2.0 , \"b\":\"x\"}\n{\"a\":[1],\"b\":1}\n")
    #expect(!chain.hasUsedLibjq)
  }

  @Test func errorsAreLibjqs() throws {
    let chain = try Self.chain([.filter(Self.program(".a - 1 > 0"))])
    do {
      _ = try Self.output(of: chain, Array("{\"a\":2}\n{\"a\":\"x\"}\n".utf8), schema: nil)
      Issue.record("no error")
    } catch let error as StageFailure {
      #expect("\(error)".contains(":2: error: string (\"x\") and number (1) cannot be subtracted"))
    }
  }
}
