import PipelineFile
import Records
import Stages
import TestSupport
import Testing

struct PartitionerTests {
  private let folder = TemporaryFolder()

  private func partitioner(_ key: String, _ parts: Int) throws -> Partitioner {
    let source = FileSourcePlan(pattern: "*", position: .test, files: [folder.input("in")], format: .lines)
    let plan = Plan(
      name: "p", file: "p.yaml", directory: "/", vars: [],
      stages: [
        StagePlan(
          name: "read", position: .test, upstream: [], downstream: [], workers: 1,
          requestedStartMethod: .auto, startMethod: .fork, startMethodReason: "", restart: .standard,
          work: .source(source))
      ])
    return try Partitioner(
      key: JQPlan(program: key, position: .test), parts: parts, plan: plan)
  }

  /// The parts of a text's only batch, as batches.
  private func split(
    _ text: String, _ format: FileFormat, key: String, parts: Int
  ) throws -> [OwnedBatch] {
    let batch = try folder.batches(text, format)[0]
    let partitioner = try partitioner(key, parts)
    // Nothing of one batch is left for the next.
    for _ in 0..<2 { try batch.withView { try partitioner.split($0, headroom: 64) } }
    return partitioner.parts.map { part in
      let buffer = part.takeBuffer()
      #expect(buffer.headroom == 64 + batch.schema.count)
      var made = OwnedBatch(
        format: batch.format, framing: batch.framing, recordCount: part.recordCount,
        provenance: batch.provenance, schema: batch.schema, payload: buffer)
      if !part.lines.isIdentity { made.lineTable = part.lines.withBytes { Array($0) } }
      return made
    }
  }

  private func lines(_ batch: OwnedBatch) throws -> [Int] {
    if batch.lineTable.isEmpty { return try batch.records().map(\.line) }
    return batch.lineTable.withUnsafeBytes { bytes in
      var reader = LineTableReader(bytes)
      var lines: [Int] = []
      while let line = reader.next() { lines.append(Int(batch.provenance.line) + line) }
      return lines
    }
  }

  /// The part of one record among many, which tells its hash from others.
  private func part(of record: String, _ format: FileFormat, key: String = ".k") throws -> Int {
    let parts = try split(record, format, key: key, parts: 997)
    return try #require(parts.firstIndex { $0.recordCount == 1 })
  }

  @Test func `keys that are equal go to one part, whatever form they have`() throws {
    let csv = FileFormat.csv(CSVOptions())
    let groups: [[(String, FileFormat)]] = [
      [
        ("{\"k\":7}\n", .jsonLines), ("{\"k\": 7.0}\n", .jsonLines), ("{\"k\":7e0}\n", .jsonLines),
        ("{\"\\u006b\":70e-1}\n", .jsonLines), ("k\n7\n", csv), ("j,k\n1,7.00\n", csv),
        ("{\"k\":1,\"k\":7}\n", .jsonLines),
      ],
      [("{\"k\":\"7\"}\n", .jsonLines), ("k\n\"7\"\n", csv)],
      [("{\"k\":0}\n", .jsonLines), ("{\"k\":-0.0}\n", .jsonLines), ("k\n-0\n", csv)],
      [("{\"k\":null}\n", .jsonLines), ("{}\n", .jsonLines), ("j,k\n1,\n", csv), ("j\n1\n", csv)],
      [("{\"k\":true}\n", .jsonLines), ("k\ntrue\n", csv)],
      [("{\"k\":false}\n", .jsonLines), ("k\nfalse\n", csv)],
      [
        ("{\"k\":\"a \\\"é\"}\n", .jsonLines), ("{\"k\":\"a \\u0022\\u00e9\"}\n", .jsonLines),
        ("k\n\"a \"\"é\"\n", csv), ("k\na \"é\n", csv),
      ],
      [
        ("{\"k\":{\"b\":1,\"a\":[2.0,\"x\"]}}\n", .jsonLines),
        ("{\"k\": { \"a\" : [2, \"\\u0078\"], \"b\":1.0}}\n", .jsonLines),
      ],
      [("{\"k\":[]}\n", .jsonLines)], [("{\"k\":{}}\n", .jsonLines)],
    ]
    var seen: [Int] = []
    for group in groups {
      let parts = try group.map { try part(of: $0.0, $0.1) }
      #expect(Set(parts).count == 1, "\(group)")
      // The same through libjq.
      #expect(try Set(group.map { try part(of: $0.0, $0.1, key: ".k | .") }) == [parts[0]], "\(group)")
      seen.append(parts[0])
    }
    #expect(Set(seen).count == groups.count)
  }

  /// What other builds and machines compute, too: a key's part must never move.
  @Test func `the hash of a key is fixed`() {
    func text(_ text: String) -> UInt64 { Array(text.utf8).withUnsafeBytes { KeyHash.of(string: $0) } }
    func nested(_ text: String) -> UInt64 { Array(text.utf8).withUnsafeBytes { KeyHash.of(nested: $0) } }
    let found = [
      KeyHash.null, KeyHash.of(false), KeyHash.of(true), KeyHash.of(7), KeyHash.of(-0.5), KeyHash.of(0),
      text(""), text("7"), text("é"), nested("[]"), nested("{\"a\":[2,\"x\"],\"b\":1}"),
    ]
    #expect(found == Self.vectors)
    #expect(KeyHash.of(-0.0) == KeyHash.of(0) && KeyHash.of(.nan) == KeyHash.null)
    #expect(KeyHash.of(.infinity) == KeyHash.of(.greatestFiniteMagnitude))
  }

  @Test func `parts keep order and lines, and hold every record once`() throws {
    var text = "k,v\n"
    for index in 0..<500 { text += "\(index % 17),\"row \(index)\(index % 5 == 0 ? "\n" : "")\"\n" }
    let csv = FileFormat.csv(CSVOptions())
    let all = try folder.batches(text, csv).flatMap { try $0.records() }
    let parts = try split(text, csv, key: ".k", parts: 4)
    var found: [Found] = []
    for part in parts {
      let records = try part.records()
      #expect(records.count == part.recordCount)
      let lines = try lines(part)
      #expect(lines == lines.sorted())
      found += zip(records, lines).map { Found(file: 0, line: $1, text: $0.text) }
    }
    #expect(found.sorted { $0.line < $1.line } == all)
    #expect(parts.count { $0.recordCount > 0 } > 1)
  }

  @Test func `a record whose key can't be found goes where null goes`() throws {
    let json = try split(
      "{\"k\":1}\n[1]\n{\"k\":null}\n", .jsonLines, key: ".k", parts: 64)
    #expect(Set(json.map(\.text)) == ["", "{\"k\":1}\n", "[1]\n{\"k\":null}\n"])
    let nulls = try #require(json.first { $0.recordCount == 2 })
    #expect(try lines(nulls) == [2, 3])
    let none = try split("{}\n", .jsonLines, key: "empty", parts: 64)
    #expect(none.firstIndex { $0.recordCount == 1 } == json.firstIndex { $0.recordCount == 2 })
    let rows = try split("k,v\n1,2\n3\n,4\n", .csv(CSVOptions()), key: ".k", parts: 64)
    #expect(Set(rows.map(\.text)) == ["", "1,2\n", "3\n,4\n"])
  }

  @Test func `lines are keyed by a program over their text`() throws {
    let parts = try split("b1\na1\nb2\na2\n", .lines, key: ".[0:1]", parts: 64)
    #expect(Set(parts.map(\.text)) == ["", "b1\nb2\n", "a1\na2\n"])
  }
}

extension PartitionerTests {
  /// Computed by another implementation of XXH64.
  static let vectors: [UInt64] = [
    0xAF09_F715_1624_7C32,
    0x6C1C_FF04_59C8_BB10,
    0x8711_18A9_1A4E_8FBB,
    0xE9B7_A971_5182_BEE9,
    0x7908_5223_A651_F310,
    0xA5CE_0E8C_C05F_18A5,
    0x21A2_33F9_619A_B70C,
    0x8E9F_1DD0_8292_D40E,
    0xA4BE_3637_F86A_7140,
    0x826D_3AD4_B90E_ED21,
    0x100C_6A30_DDC5_0044,
  ]
}
