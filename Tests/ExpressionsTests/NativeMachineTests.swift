import Records
import Testing

import Expressions

/// The native evaluator against libjq, which is right by definition.
struct NativeMachineTests {
  static let variables = [
    (name: "limit", json: "15"), (name: "word", json: "\"wo\\\"rd\""), (name: "deep", json: "{\"n\":2.5}"),
  ]

  /// How often the machine answered, and how often it left the answer to libjq.
  struct Tally {
    var answers = 0
    var bails = 0
    var programs = 0
    var share: Double { Double(bails) / Double(answers + bails) }
  }

  /// One program on records, both ways.
  private static func compare(
    _ program: String, isFilter: Bool, records: [String], rows: String?, _ tally: inout Tally
  ) throws {
    var code = NativeCode(variables: variables)
    let root = code.compile(program, for: isFilter ? .filter : .map)
    guard let root else {
      Issue.record("not in the subset: \(program)")
      return
    }
    tally.programs += 1
    var machine = NativeMachine(code)
    var oracle = try JQProgram(program, variables: variables)
    func check(_ outcome: NativeMachine.Outcome, _ input: consuming JQValue, _ record: String) throws {
      if outcome == .bail {
        tally.bails += 1
        return
      }
      tally.answers += 1
      let native = outcome == .no ? nil : isFilter ? "true" : String(decoding: machine.written, as: UTF8.self)
      var expected: [String] = []
      do throws(JQRuntimeError) {
        oracle.start(input)
        while let result = try oracle.next() {
          if !isFilter { expected.append(text(result)) } else if result.isTrue { expected = ["true"] }
        }
      } catch {
        expected = ["error: \(error)"]
      }
      if expected != (native.map { [$0] } ?? []) {
        Issue.record("\(program) on \(record): \(native ?? "nothing") instead of \(expected)")
      }
    }
    if let rows {
      let schema = try CSVSchema(columns: NativeRecordText.columns, nulls: ["NA", ""])
      let native = NativeRows(schema: schema, code: code)
      let classifier = CSVCellClassifier(schema: schema)
      let keys = schema.columns.map { JQKey($0) }
      native.prepare(&machine)
      var reader = CSVRowReader(schema: schema)
      var bytes = Array(rows.utf8)
      bytes += [UInt8](repeating: 0, count: BatchBuffer.padding)
      try bytes.withUnsafeBytes { bytes in
        reader.start(UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - BatchBuffer.padding)]))
        while try reader.next() {
          let isLoaded = native.load(reader, into: &machine)
          let outcome = !isLoaded ? .bail : isFilter ? machine.keeps(root) : machine.write(root)
          var object = JQObjectBuilder()
          for column in keys.indices {
            switch try classifier.kind(reader, column) {
            case .null: object.setNull(keys[column])
            case .number: object.set(keys[column], DecimalText.value(reader.rawBytes(column)))
            case .boolean: object.set(keys[column], reader.rawBytes(column).count == 4)
            case .text:
              var cell = BatchBuffer(headroom: 0, capacity: 64)
              reader.appendText(column, into: &cell)
              cell.withPayload { object.set(keys[column], string: $0) }
            }
          }
          try check(outcome, object.finish(), String(decoding: reader.rowBytes, as: UTF8.self))
        }
      }
    }
    for record in records {
      let bytes = Array(record.utf8) + [UInt8](repeating: 0, count: BatchBuffer.padding)
      try bytes.withUnsafeBytes { bytes in
        let text = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - BatchBuffer.padding)])
        let isLoaded = machine.load(json: text)
        let outcome = !isLoaded ? .bail : isFilter ? machine.keeps(root) : machine.write(root)
        do {
          try check(outcome, try JQValue.parse(record), record)
        } catch is JSONError {
          tally.bails += 1
          if outcome != .bail { Issue.record("\(record) is not JSON") }
        }
      }
    }
  }

  @Test(arguments: 0..<4) func randomProgramsAnswerAsLibjqDoes(_ part: UInt64) throws {
    var programs = NativeProgramText(seed: 71 + part)
    var records = NativeRecordText(seed: 171 + part)
    var (cells, objects) = (Tally(), Tally())
    let lines = (0..<400).map { _ in records.object() }
    var rows = ""
    for _ in 0..<400 { rows += records.row() }
    for index in 0..<66 {
      let isFilter = index % 3 == 0
      let program = isFilter ? programs.filter() : programs.map()
      try Self.compare(program, isFilter: isFilter, records: [], rows: rows, &cells)
      try Self.compare(program, isFilter: isFilter, records: lines, rows: nil, &objects)
    }
    print("native, part \(part): CSV \(cells), bails \(cells.share); JSON \(objects), bails \(objects.share)")
    #expect(cells.share < 0.6)
    #expect(objects.share < 0.6)
  }

  @Test(arguments: [
    ".a, .b", ".[]", ".a[0]", ".a?", "[.a]", "{(.a): 1}", "{$x: 1}", "def f(x): x; f(.a)", "def f: f; f",
    "$vars", "$vars.missing.x.y | .[0]", ".a as $x | $x", "@base64 \"\\(.a)\"", "{a: 1, a: 2}",
    "\"\\u0041\"", "empty", ".a | test(\"x\")", "{a: select(.b)}", "{a: 1} | .a",
    "reduce .a as $x (0; . + $x)",
  ])
  func leavesOtherProgramsToLibjq(_ program: String) {
    var code = NativeCode(variables: Self.variables)
    #expect(code.compile(program, for: .map) == nil)
  }

  @Test(arguments: [
    #"{"a":1"#, #"{"a":01}"#, "[1]", "1", #"{"a":1} {}"#, #"{"a":1,}"#, #"{"a":"\x"}"#,
    #"{"b":"# + String(repeating: "[", count: 300) + String(repeating: "]", count: 300) + "}",
  ])
  func leavesOtherRecordsToLibjq(_ record: String) {
    var code = NativeCode(variables: [])
    #expect(code.compile(".a == 1", for: .filter) != nil)
    var machine = NativeMachine(code)
    let bytes = Array(record.utf8)
    let isLoaded = bytes.withUnsafeBytes { machine.load(json: $0) }
    #expect(!isLoaded)
  }
}
