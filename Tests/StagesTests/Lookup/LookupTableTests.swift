import PipelineFile
import Stages
import TestSupport
import Testing

struct LookupTableTests {
  private let folder = TemporaryFolder()

  private func load(_ text: String, _ format: FileFormat, key: String = "k") throws -> LookupTable {
    folder.write("table", text)
    return try LookupTable.load(
      LookupPlan(
        table: folder.input("table"), format: format, key: JQPlan(program: ".k", position: .test),
        tableKey: key,
        field: "f", missing: .null, position: .test))
  }

  private func find(_ key: String, _ table: LookupTable) -> String? {
    Array(key.utf8).withUnsafeBytes { table.find($0).map { String(decoding: $0.row, as: UTF8.self) } }
  }

  @Test(arguments: [FileFormat.csv(CSVOptions()), .jsonLines])
  func `a table finds what a dictionary finds`(_ format: FileFormat) throws {
    for seed in UInt64(0)..<60 {
      var random = SeededRandom(seed)
      var text = ""
      if case .csv = format { text = "v,k\n" }
      var oracle: [String: String] = [:]
      for index in 0..<random.below(seed == 0 ? 1 : 1 << (2 + Int(seed) % 10)) {
        let key =
          random.below(2) == 0
          ? "\(random.below(5_000))" : "\"t\(random.text(of: ["a", "b", " c", "ä"], upTo: 7))\""
        if oracle[key] != nil { continue }
        var row = "{\"v\": \(index), \"k\":\(key)}"
        if case .csv = format { row = "\"\(index)\",\(key)" }
        oracle[key] = row
        text += row + random.pick(["\n", "\r\n"])
      }
      let table = try load(text, format)
      #expect(table.count == oracle.count)
      for probe in 0..<5_000 {
        let expected = oracle["\(probe)"]
        if find("\(probe)", table) != expected { Issue.record("seed \(seed): \(probe)") }
      }
      for key in oracle.keys.sorted() where find(key, table) != oracle[key] {
        Issue.record("seed \(seed): \(key)")
      }
      #expect(find("\"no\"", table) == nil && find("null", table) == nil)
    }
  }

  @Test func `keys are unique, and both lines are told`() {
    #expect(
      failure { _ = try load("k,v\n1,\"a\nb\"\n2,b\n1.0,c\n", .csv(CSVOptions())) }
        == "table:5: error: the key 1 is on line 2 already; the keys of a lookup table are unique")
    #expect(
      failure { _ = try load("{\"k\":\"x\"}\n\n{\"k\":\"\\u0078\"}\n", .jsonLines) }
        == "table:3: error: the key \"x\" is on line 1 already; the keys of a lookup table are unique")
  }

  @Test func `a table without the key says what it has`() {
    #expect(
      failure { _ = try load("a,b\n1,2\n", .csv(CSVOptions())) }
        == "table:1: error: there is no column 'k' to look up by; the columns are a, b")
    #expect(
      failure { _ = try load("{\"k\":1}\n{\"a\":1}\n", .jsonLines) }
        == "table:2: error: the record has no field 'k' to look up by")
    #expect(
      failure { _ = try load("x\n", .lines) }
        == "table: error: a lookup table is csv or jsonl; plain lines have no fields")
  }

  @Test func `a table that can't be read is named with its line`() {
    #expect(
      failure { _ = try load("", .csv(CSVOptions())) }?.hasPrefix("table:1: error: the file is empty") == true
    )
    #expect(
      failure { _ = try load("k,v\n1,2\n3\n", .csv(CSVOptions())) }?.hasPrefix("table:3: error: ") == true)
    #expect(failure { _ = try load("{\"k\":1}\n{\n", .jsonLines) }?.hasPrefix("table:2:2: error: ") == true)
    #expect(failure { _ = try load("[1]\n", .jsonLines) }?.hasPrefix("table:1: error: ") == true)
  }

  @Test func `an empty table and a table with a BOM are tables`() throws {
    #expect(try load("", .jsonLines).count == 0)
    #expect(try load("k\n", .csv(CSVOptions())).count == 0)
    let table = try load("\u{FEFF}k,v\n1,2", .csv(CSVOptions()))
    #expect(find("1", table) == "1,2")
  }
}
