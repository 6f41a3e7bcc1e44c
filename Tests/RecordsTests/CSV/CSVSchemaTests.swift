import Records
import TestSupport
import Testing

@Test func schemaTravels() throws {
  let schema = try CSVSchema(
    columns: ["a", "naïve \"name\"", "c"], delimiter: 0x3B, nulls: ["", "NA"], infer: false,
    types: [nil, .number, .text], ragged: .pad)
  let bytes = schema.encode()
  #expect(try withBytes(bytes) { try CSVSchema(decoding: $0) } == schema)
  for length in 0..<bytes.count {
    #expect(throws: CSVSchemaError.self, "\(length) bytes") {
      try withBytes(Array(bytes[..<length])) { try CSVSchema(decoding: $0) }
    }
  }
  #expect(throws: CSVSchemaError.unknownVersion(9)) {
    try withBytes([9, 0, 0]) { try CSVSchema(decoding: $0) }
  }
}

@Test(arguments: 0..<300)
func damagedSchemasAreErrors(seed: Int) throws {
  var random = SeededRandom(UInt64(seed))
  var bytes = try CSVSchema(columns: ["alpha", "beta"], nulls: ["NA"]).encode()
  for _ in 0..<3 {
    bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
  }
  _ = try? withBytes(bytes) { try CSVSchema(decoding: $0) }
}

@Test func schemaNamesWhatIsWrong() {
  #expect(throws: CSVSchemaError.doubledColumn(name: "b", first: 2, second: 4)) {
    try CSVSchema(columns: ["a", "b", "c", "b"])
  }
  #expect(throws: CSVSchemaError.emptyColumn(position: 2)) { try CSVSchema(columns: ["a", ""]) }
  #expect(throws: CSVSchemaError.noColumns) { try CSVSchema(columns: []) }
  #expect(throws: CSVSchemaError.badDelimiter(0x22)) { try CSVSchema(columns: ["a"], delimiter: 0x22) }
  #expect(throws: CSVSchemaError.badNullMarker("a,b")) { try CSVSchema(columns: ["a"], nulls: ["a,b"]) }
}

@Test func headerNamesColumns() throws {
  let header = try withBytes("\r\n\"a \"\"x\"\"\",\"b\nc\"\r\n1,2\n") { try CSVHeader.read($0, isEnd: false) }
  #expect(header == CSVHeader(columns: ["a \"x\"", "b\nc"], length: 19, lines: 3))
  #expect(try withBytes("a,b") { try CSVHeader.read($0, isEnd: false) } == nil)
  #expect(try withBytes("a,\"b\n") { try CSVHeader.read($0, isEnd: false) } == nil)
  #expect(try withBytes("a,b") { try CSVHeader.read($0, isEnd: true) }?.columns == ["a", "b"])
  #expect(throws: RecordError.self) { try withBytes("a,\"b\n") { try CSVHeader.read($0, isEnd: true) } }
  let schema = try CSVSchema.fromHeader(header!, types: ["b\nc": .text])
  #expect(schema.types == [nil, .text])
}
