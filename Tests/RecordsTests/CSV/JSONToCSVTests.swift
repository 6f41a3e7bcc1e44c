import Records
import TestSupport
import Testing

private func write(_ records: [String], _ schema: CSVSchema, header: Bool = false) throws -> String {
  var writer = JSONToCSV(schema: schema)
  var buffer = BatchBuffer(capacity: 0)
  if header { writer.appendHeader(into: &buffer) }
  for (index, record) in records.enumerated() {
    try withBytes(record) { bytes throws(RecordError) in
      try writer.append(bytes, index: index, line: index, into: &buffer)
    }
  }
  return text(buffer)
}

@Test(arguments: [
  ("{}", "NA,NA"), ("{\"a\":null,\"b\":1.50}", "NA,1.50"), ("{\"b\":true,\"a\":\"x\"}", "x,true"),
  ("{\"a\":\"1\",\"b\":\"true\"}", "\"1\",\"true\""), ("{\"a\":\"NA\",\"b\":\"\"}", "\"NA\","),
  ("{\"a\":\"x,y\",\"b\":\"say \\\"hi\\\"\"}", "\"x,y\",\"say \"\"hi\"\"\""),
  ("{\"a\":\"l\\nm\",\"b\":\" s\"}", "\"l\nm\",\" s\""),
  ("{\"a\": [ 1, \"x y\" ], \"b\": { \"k\" : 2 }}", "\"[1,\"\"x y\"\"]\",\"{\"\"k\"\":2}\""),
  ("{\"a\":1,\"a\":2}", "2,NA"), ("{\"\\u0061\":\"\\u00e9\\ud83d\\ude00\"}", "é😀,NA"),
])
func objectsBecomeRows(record: String, row: String) throws {
  let schema = try CSVSchema(columns: ["a", "b"], nulls: ["NA"])
  #expect(try write([record], schema) == row + "\n")
}

@Test func headerIsQuotedWhereNeeded() throws {
  #expect(try write([], CSVSchema(columns: ["a,b", "c"]), header: true) == "\"a,b\",c\n")
}

@Test func objectsThatFitNoColumnsAreErrors() throws {
  let schema = try CSVSchema(columns: ["a", "b"])
  #expect(throws: RecordError(.unknownField(known: ["a", "b"]), record: 1, line: 1, column: "c")) {
    try write(["{}", "{\"a\":1,\"c\":2}"], schema)
  }
  #expect(throws: RecordError(.notAnObject(found: .array), record: 0, line: 0)) { try write(["[1]"], schema) }
  #expect(throws: RecordError(.nulInText, record: 0, line: 0, column: "b")) {
    try write(["{\"b\":\"\\u0000\"}"], schema)
  }
  #expect(throws: RecordError.self) { try write(["{\"b\":1"], schema) }
}

/// What is written is read back as the same JSON.
@Test(arguments: 0..<300)
func rowsReadBackAsTheSameObjects(seed: Int) throws {
  var random = SeededRandom(UInt64(seed) &* 7)
  let nulls = random.pick([[""], ["NA", ""], ["NA"]])
  let schema = try CSVSchema(columns: random.pick([["a"], ["a", "b", "c"]]), nulls: nulls)
  let values = [
    "1", "-2.5e3", "true", "false", "null", "\"\"", "\"NA\"", "\"1\"", "\"007\"", "\"true\"", "\" x\"",
    "\"x,y\"",
    "\"q\\\"q\"", "\"\\\"\"", "\"a\\nb\"", "\"a\\r\"", "\"\\r\\n\"", "\"é\"", "\"plain\"",
    "\"back\\\\slash\"",
  ]
  var records = ""
  for _ in 0..<6 {
    records += "{" + schema.columns.map { "\"\($0)\":\(random.pick(values))" }.joined(separator: ",") + "}\n"
  }
  let csv = try write(records.split(separator: "\n").map(String.init), schema)
  var converter = CSVToJSON(schema: schema)
  var buffer = BatchBuffer(capacity: 0)
  try withBytes(csv) { payload in
    converter.start(payload)
    try converter.convertRest(into: &buffer)
  }
  #expect(text(buffer) == records, "seed \(seed): \(csv.debugDescription)")
}
