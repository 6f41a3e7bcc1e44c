import Records
import TestSupport
import Testing

private func convert(_ input: [UInt8], _ schema: CSVSchema) -> (json: String, faults: [String]) {
  var converter = CSVToJSON(schema: schema)
  var buffer = BatchBuffer(capacity: 0)
  var faults: [String] = []
  withBytes(input) { payload in
    converter.start(payload)
    while true {
      do throws(RecordError) {
        guard try converter.next(into: &buffer) else { return }
      } catch {
        faults.append("record \(error.record), line \(error.line): \(error)")
      }
    }
  }
  return (text(buffer), faults)
}

/// Enough rows behind the ones in question that these are not in the payload's last bytes.
private let tail = "tail,tail\n"
private let tailJSON = "{\"a\":\"tail\",\"b\":\"tail\"}\n"

@Test(arguments: [
  ("1,-2.50", "1", "-2.50"), ("0,-0", "0", "-0"), ("007,+1", "\"007\"", "\"+1\""),
  ("1.,.5", "\"1.\"", "\".5\""), ("1e9,1E-400", "1e9", "1E-400"), ("1e400,-", "\"1e400\"", "\"-\""),
  ("NaN,1 ", "\"NaN\"", "\"1 \""),
  ("12345678901234567890,123456789.123456789", "12345678901234567890", "123456789.123456789"),
  ("true,false", "true", "false"), ("True,falsey", "\"True\"", "\"falsey\""),
  (",NA", "null", "null"), ("\"\",\"NA\"", "\"\"", "\"NA\""), ("NAN,\"1\"", "\"NAN\"", "\"1\""),
  ("-999,9", "null", "9"), ("-9990,-99", "-9990", "-99"),
  ("2013-01-01T10:00:00Z,é\t", "\"2013-01-01T10:00:00Z\"", "\"é\\t\""),
  ("a\\b,c\"d", "\"a\\\\b\"", "\"c\\\"d\""),
  ("\"x\ny\",\"say \"\"hi\"\"\"", "\"x\\ny\"", "\"say \\\"hi\\\"\""),
])
func cellsBecomeJSON(row: String, a: String, b: String) throws {
  let schema = try CSVSchema(columns: ["a", "b"], nulls: ["", "NA", "-999"])
  let expected = "{\"a\":\(a),\"b\":\(b)}\n"
  for end in ["", "\n", "\r\n", "\n" + tail, "\r\n" + tail] {
    let result = convert(Array((row + end).utf8), schema)
    #expect(result.json == expected + (end.count > 2 ? tailJSON : ""), "end \(end.debugDescription)")
    #expect(result.faults.isEmpty)
  }
}

@Test func typesOverrideCells() throws {
  let schema = try CSVSchema(columns: ["a", "b"], nulls: ["NA"], types: [.text, .number])
  let result = convert(Array(("1,\"2\"\nNA,NA\n1,x\n1,\n" + "1,1\n1,1\n1,1\n").utf8), schema)
  #expect(
    result.json == "{\"a\":\"1\",\"b\":2}\n{\"a\":null,\"b\":null}\n"
      + String(repeating: "{\"a\":\"1\",\"b\":1}\n", count: 3))
  #expect(result.faults.count == 2)
  #expect(result.faults[0].hasPrefix("record 2, line 2: column 'b': 'x' is not a number; expected"))
  let boolean = try CSVSchema(columns: ["a", "b"], infer: false, types: [.boolean, nil])
  let booleans = convert(Array(("true,1\n,true\nyes,1\n" + "false,\"\"\nfalse,\"\"\n").utf8), boolean)
  #expect(
    booleans.json == "{\"a\":true,\"b\":\"1\"}\n{\"a\":null,\"b\":\"true\"}\n"
      + String(repeating: "{\"a\":false,\"b\":\"\"}\n", count: 2))
  #expect(booleans.faults[0].hasPrefix("record 2, line 2: column 'a': 'yes' is not a boolean"))
}

@Test func numbersOfManyDigitsAreFiniteOrText() throws {
  let schema = try CSVSchema(columns: ["a", "b"])
  let finite = String(repeating: "9", count: 305)
  let infinite = String(repeating: "9", count: 400)
  let result = convert(Array("\(finite),\(infinite)\n\(tail)".utf8), schema)
  #expect(result.json == "{\"a\":\(finite),\"b\":\"\(infinite)\"}\n" + tailJSON)
}

@Test(arguments: 0..<600)
func conversionAgreesWithReference(seed: Int) throws {
  var random = SeededRandom(UInt64(seed) &* 31)
  let cells = [
    "", "1", "-1", "0", "-0", "01", "1.5", "1.", "12345678", "123456789012", "1e5", "1e999", "true", "false",
    "t", "NA", "N", "NAA", "-", "-9", "text", "longer text here", "é", "a\\b", "a\"b", "\u{1}", "\r", "a\rb",
    "\"\"", "\"q\"", "\"q,\"", "\"q\nr\"", "\"q\"\"r\"", "\"1\"", "\"NA\"", "\"long quoted text\"",
  ]
  let delimiter = random.pick([",", ";", "\t"])
  let columns = ["a", "b\"c", "a column with a long name", "d"]
  var input = ""
  for _ in 0..<Int(random.next() % 12) {
    let width = random.next() % 12 == 0 ? 3 : 4
    input += (0..<width).map { _ in random.pick(cells) }.joined(separator: delimiter)
    input += random.pick(["\n", "\n", "\r\n", "\n\n"])
  }
  let nulls = random.pick([[""], ["NA", ""], ["NA"], [], ["-9", "1"]])
  let infer = random.next() % 4 != 0
  let schema = try CSVSchema(
    columns: columns, delimiter: delimiter.utf8.first!, nulls: nulls, infer: infer)
  var expected = ""
  var faults = 0
  for row in ReferenceCSV.rows(Array(input.utf8), delimiter: delimiter.utf8.first!, oneColumn: false) {
    guard row.cells.count == 4, row.fault == nil else {
      faults += 1
      continue
    }
    let members = zip(columns, row.cells).map { name, cell in
      ReferenceCSV.json(name) + ":" + ReferenceCSV.json(cell, nulls: nulls, infer: infer)
    }
    expected += "{" + members.joined(separator: ",") + "}\n"
  }
  let result = convert(Array(input.utf8), schema)
  #expect(result.json == expected, "seed \(seed): \(input.debugDescription)")
  #expect(result.faults.count == faults, "seed \(seed): \(input.debugDescription)")
}

@Test func conversionTellsWhereRowsStand() throws {
  var converter = CSVToJSON(schema: try CSVSchema(columns: ["a", "b"]))
  var buffer = BatchBuffer(capacity: 0)
  var places: [[Int]] = []
  try withBytes("1,2\n\n\"x\ny\",2\r\n3,4\r\n5,6\n7,8\n9,10") { payload in
    converter.start(payload)
    while try converter.next(into: &buffer) {
      places.append([
        converter.recordIndex, converter.lineOffset, converter.lineCount, converter.rowRange.lowerBound,
        converter.rowRange.count,
      ])
    }
  }
  #expect(
    places == [
      [0, 0, 1, 0, 3], [1, 2, 2, 5, 7], [2, 4, 1, 14, 3], [3, 5, 1, 19, 3], [4, 6, 1, 23, 3],
      [5, 7, 1, 27, 4],
    ])
}
