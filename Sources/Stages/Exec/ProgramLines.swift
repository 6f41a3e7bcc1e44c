import PipelineFile
import Records

/// The records of a batch as a program reads them, one a line.
///
/// The memory is used again for the next batch.
struct ProgramLines: ~Copyable {
  /// All lines with their newlines.
  private(set) var bytes = BatchBuffer(headroom: 0, capacity: 0)
  /// Of each line, where the next begins.
  private(set) var ends: [Int] = []
  /// Of each line, the index of its record in the batch.
  private(set) var records: [UInt32] = []
  /// Of each line, the lines between the batch's first line in its file and the record's.
  private(set) var offsets: [UInt32] = []
  /// Where the first line begins: behind a header.
  private(set) var headerLength = 0

  private let plan: ExecPlan
  private let context: PartContext
  /// Whether a record must not take more than one line.
  private let isCounted: Bool
  private var rows: Rows?
  private var table: JSONToCSV?
  private var tableColumns: [String] = []
  private var scratch = BatchBuffer(headroom: 0, capacity: 1024)

  /// A converter for the schema that the last CSV batch had.
  private struct Rows: ~Copyable {
    var encodedSchema: [UInt8]
    var schema: CSVSchema
    var toJSON: CSVToJSON
  }

  init(_ plan: ExecPlan, _ context: PartContext) {
    self.plan = plan
    self.context = context
    isCounted = plan.per == .line
  }

  var count: Int { ends.count }

  /// Where a line begins.
  func start(of line: Int) -> Int { line == 0 ? headerLength : ends[line - 1] }

  /// What the program reads of such records.
  static func form(_ plan: ExecPlan, of format: RecordFormat) -> ExecPlan.Input {
    plan.input ?? (format == .line ? .lines : .json)
  }

  /// Replaces the lines by those of a batch. A record that can't be a line is refused.
  mutating func take(_ batch: BatchView, _ errors: inout RecordErrors) throws(StageFailure) {
    bytes.removeAll()
    bytes.reserve(batch.payload.count + batch.recordCount)
    ends.removeAll(keepingCapacity: true)
    records.removeAll(keepingCapacity: true)
    offsets.removeAll(keepingCapacity: true)
    headerLength = 0
    if batch.recordCount == 0 { return }
    var run = ChainRun(batch)
    switch (Self.form(plan, of: batch.format), batch.format) {
    case (.lines, .line), (.json, .json): try takeLines(&run)
    case (.json, .line): try quoteLines(&run)
    case (.lines, .json): try unquoteRecords(&run, &errors)
    case (.lines, .csv): try takeRows(&run, &errors)
    case (.json, .csv): try convertRows(&run, &errors)
    case (.csv, .json):
      try useColumns(plan.columns)
      try tabulateRecords(&run, &errors)
    case (.csv, .csv):
      try useSchema(of: batch)
      try useColumns(plan.columns ?? rows!.schema.columns)
      try tabulateRows(&run, &errors)
    case (.csv, .line):
      throw StageFailure(
        "\(plan.position): error: lines of text have no columns, which 'input: csv' needs; make objects of them "
          + "with a map before")
    }
  }

  /// The bytes of the line in hand were appended.
  private mutating func endLine(_ run: ChainRun) {
    ends.append(bytes.count)
    records.append(UInt32(run.record))
    offsets.append(UInt32(run.line))
  }

  /// Calls `body` for each text line of the batch, with its bytes.
  @inline(__always)
  private mutating func forEachLine(
    _ run: inout ChainRun,
    _ body: (inout Self, UnsafeRawBufferPointer, ChainRun) throws(StageFailure) -> Void
  ) throws(StageFailure) {
    var reader = LineReader(run.batch.payload, skipsBlanks: run.batch.format == .json)
    var index = 0
    while let range = reader.next() {
      run.begin(payloadLine: reader.lineOffset, record: index)
      index += 1
      try body(&self, run.batch.payload.bytes(range), run)
    }
  }

  private mutating func takeLines(_ run: inout ChainRun) throws(StageFailure) {
    try forEachLine(&run) { lines, raw, run in
      lines.bytes.append(raw)
      lines.bytes.append(UInt8(ascii: "\n"))
      lines.endLine(run)
    }
  }

  private mutating func quoteLines(_ run: inout ChainRun) throws(StageFailure) {
    try forEachLine(&run) { lines, raw, run in
      JSONString.append(raw, into: &lines.bytes)
      lines.bytes.append(UInt8(ascii: "\n"))
      lines.endLine(run)
    }
  }

  /// A JSON text that is a string becomes its content; anything else stays as it is.
  private mutating func unquoteRecords(
    _ run: inout ChainRun, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    try forEachLine(&run) { (lines, raw, run) throws(StageFailure) in
      let start = lines.bytes.count
      let text = raw.trimmed
      if text.count >= 2 && text[0] == UInt8(ascii: "\"") {
        JSONString.unescape(text.bytes(1..<text.count - 1), into: &lines.bytes)
      } else {
        lines.bytes.append(text)
      }
      try lines.endText(from: start, raw: raw, run, &errors)
    }
  }

  /// Ends a line whose text may hold line feeds, which would make several of it.
  private mutating func endText(
    from start: Int, raw: UnsafeRawBufferPointer, _ run: ChainRun, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    let isOneLine =
      !isCounted
      || bytes.withPayload { Bytes.first(UInt8(ascii: "\n"), in: $0, from: start) == nil }
    if isOneLine {
      bytes.append(UInt8(ascii: "\n"))
      return endLine(run)
    }
    bytes.truncate(to: start)
    try refuse(
      "the record holds a line feed, so it is no single line for \(plan.name); use 'input: json'", raw, run,
      &errors)
  }

  private mutating func takeRows(
    _ run: inout ChainRun, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    try useSchema(of: run.batch)
    var reader = CSVRowReader(schema: rows!.schema)
    reader.start(run.batch.payload)
    while true {
      var fault: RecordError?
      do {
        guard try reader.next() else { return }
      } catch {
        fault = error
      }
      run.begin(payloadLine: reader.lineOffset, record: reader.recordIndex)
      if let fault {
        try refuse(fault, reader.rowBytes, run, &errors)
        continue
      }
      let start = bytes.count
      bytes.append(reader.rowBytes)
      try endText(from: start, raw: reader.rowBytes, run, &errors)
    }
  }

  private mutating func convertRows(
    _ run: inout ChainRun, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    try useSchema(of: run.batch)
    rows!.toJSON.start(run.batch.payload)
    while true {
      var fault: RecordError?
      do {
        guard try rows!.toJSON.next(into: &bytes) else { return }
      } catch {
        fault = error
      }
      run.begin(payloadLine: rows!.toJSON.lineOffset, record: rows!.toJSON.recordIndex)
      if let fault {
        try refuse(fault, run.batch.payload.bytes(rows!.toJSON.rowRange), run, &errors)
      } else {
        endLine(run)
      }
    }
  }

  private mutating func tabulateRecords(
    _ run: inout ChainRun, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    try forEachLine(&run) { (lines, raw, run) throws(StageFailure) in
      try lines.tabulate(raw, raw: raw, run, &errors)
    }
  }

  private mutating func tabulateRows(
    _ run: inout ChainRun, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    rows!.toJSON.start(run.batch.payload)
    var json = BatchBuffer(headroom: 0, capacity: 4096)
    while true {
      var fault: RecordError?
      json.removeAll()
      do {
        guard try rows!.toJSON.next(into: &json) else { return }
      } catch {
        fault = error
      }
      run.begin(payloadLine: rows!.toJSON.lineOffset, record: rows!.toJSON.recordIndex)
      let raw = run.batch.payload.bytes(rows!.toJSON.rowRange)
      if let fault {
        try refuse(fault, raw, run, &errors)
        continue
      }
      var failure: StageFailure?
      json.withPayload { object in
        do throws(StageFailure) {
          try tabulate(object.bytes(0..<object.count - 1), raw: raw, run, &errors)
        } catch { failure = error }
      }
      if let failure { throw failure }
    }
  }

  private mutating func tabulate(
    _ object: UnsafeRawBufferPointer, raw: UnsafeRawBufferPointer, _ run: ChainRun,
    _ errors: inout RecordErrors
  ) throws(StageFailure) {
    let start = bytes.count
    do throws(RecordError) {
      try table!.append(object, index: run.record, line: 0, into: &bytes)
    } catch {
      return try refuse(error, raw, run, &errors)
    }
    // The writer has ended the row.
    bytes.truncate(to: bytes.count - 1)
    try endText(from: start, raw: raw, run, &errors)
  }

  private mutating func useSchema(of batch: BatchView) throws(StageFailure) {
    if rows != nil, rows!.encodedSchema.elementsEqual(batch.schema) { return }
    do {
      let schema = try CSVSchema(decoding: batch.schema)
      rows = Rows(encodedSchema: Array(batch.schema), schema: schema, toJSON: CSVToJSON(schema: schema))
    } catch {
      throw StageFailure("a batch's schema can't be read: \(error)")
    }
  }

  /// Where the program reads a whole file, the names of the columns are its first line.
  private mutating func useColumns(_ columns: [String]?) throws(StageFailure) {
    guard let columns else {
      throw StageFailure(
        "\(plan.position): error: the records are JSON, so 'input: csv' must name its columns; "
          + "add 'columns: [...]'")
    }
    if table == nil || columns != tableColumns {
      do {
        table = JSONToCSV(schema: try CSVSchema(columns: columns))
        tableColumns = columns
      } catch {
        throw StageFailure("\(plan.position): error: the columns of 'input: csv': \(error)")
      }
    }
    if isCounted { return }
    table!.appendHeader(into: &bytes)
    headerLength = bytes.count
  }

  /// Hands the records of some lines to `errors`, in their order.
  func refuse(
    _ refused: [LineExchange.Refusal], _ batch: BatchView, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    var rest = refused.sorted { $0.line < $1.line }[...]
    try SingleRecords.each(of: batch) { (index, one) throws(StageFailure) in
      guard let first = rest.first, Int(records[first.line]) == index else { return }
      rest.removeFirst()
      let line = one.provenance.line
      try errors.refuse(
        record: index, line: line, step: context.firstStep + 1, text: first.text,
        bytes: one.payload.bytes(0..<one.payload.count - 1),
        failure: context.failure(first.text, step: "exec", line: line, in: batch))
    }
  }

  private func refuse(
    _ fault: RecordError, _ raw: UnsafeRawBufferPointer, _ run: ChainRun,
    _ errors: inout RecordErrors
  ) throws(StageFailure) {
    try errors.refuse(
      record: run.record, line: run.inputLine, text: "\(fault)", bytes: raw,
      failure: context.names.failure(fault, in: run.batch))
  }

  private func refuse(
    _ text: String, _ raw: UnsafeRawBufferPointer, _ run: ChainRun, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    try errors.refuse(
      record: run.record, line: run.inputLine, step: context.firstStep + 1, text: text, bytes: raw,
      failure: context.failure(text, step: "exec", line: run.inputLine, in: run.batch))
  }
}

extension UnsafeRawBufferPointer {
  /// Without the white space around a JSON text.
  var trimmed: UnsafeRawBufferPointer {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
    var start = 0
    var end = count
    while start < end && isSpace(self[start]) { start += 1 }
    while end > start && isSpace(self[end - 1]) { end -= 1 }
    return bytes(start..<end)
  }
}
