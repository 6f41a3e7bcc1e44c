import Expressions
import PipelineFile
import Records

extension BatchBuffer: ByteSink {}

/// What a chain made of a batch.
package struct ChainOutput: Sendable {
  package var format: RecordFormat
  package var framing: Framing
  package var schema: [UInt8]
  package var recordCount: Int
}

/// The steps of a stage, run record by record over a batch: one batch in, one batch out.
///
/// A record that only filters looked at keeps its bytes and its form. A CSV row becomes an object of the
/// columns that the programs can tell apart from missing ones. For one thread.
package final class StepChain {
  private let stage: String
  private let names: InputNames
  private let plans: [StepPlan]
  private let variables: [Plan.Variable]
  /// By position of their step.
  private let lookups: [Int: LookupStep]
  /// The chain without libjq, where that is possible.
  private let native: NativeChain?
  /// The chain with libjq; made for the first record that needs it.
  private var steps: [Step]?
  /// Only filters: records pass as they are.
  private let keepsRecords: Bool
  /// The top-level fields that matter, nil for all.
  private var fields: [String]?
  private var writer = JSONTextWriter()
  private var parser = JSONParser()
  private var rows: ChainRows?

  /// Whether a record has needed libjq, or every one does.
  package var hasUsedLibjq: Bool { steps != nil }

  /// `tables`: preloaded ones by position of their step; the others are loaded here.
  package init(
    _ steps: [StepPlan], stage: String, plan: Plan, tables: [Int: LookupTable]
  ) throws(StageFailure) {
    self.stage = stage
    names = InputNames(plan)
    lookups = try Self.lookups(steps, tables: tables)
    keepsRecords = steps.allSatisfy { if case .filter = $0 { true } else { false } }
    plans = steps
    variables = plan.vars
    native = NativeChain(steps, variables: plan.vars, lookups: lookups)
    if native == nil { try prepare() }
  }

  private static func lookups(
    _ steps: [StepPlan], tables: [Int: LookupTable]
  ) throws(StageFailure) -> [Int: LookupStep] {
    var lookups: [Int: LookupStep] = [:]
    for (index, step) in steps.enumerated() {
      guard case .lookup(let lookup) = step else { continue }
      let table: LookupTable
      if let preloaded = tables[index] { table = preloaded } else { table = try LookupTable.load(lookup) }
      lookups[index] = LookupStep(lookup, table: table)
    }
    return lookups
  }

  /// Compiles the programs for libjq, which takes tens of milliseconds each.
  private func prepare() throws(StageFailure) {
    var made: [Step] = []
    for (index, step) in plans.enumerated() {
      switch step {
      case .filter(let program): made.append(.filter(try Program(program, variables: variables)))
      case .map(let program): made.append(.map(try Program(program, variables: variables)))
      case .lookup(let lookup):
        made.append(.lookup(try LookupKey(lookup.key, variables: variables), lookups[index]!))
      }
    }
    fields = Self.fields(of: made, keepsRecords: keepsRecords)
    steps = made
  }

  /// What must be built of a record: what is read of it up to the first map, which hides the rest.
  private static func fields(of steps: [Step], keepsRecords: Bool) -> [String]? {
    var fields: [String] = []
    for step in steps {
      guard let read = step.fields else { return nil }
      for field in read where !fields.contains(field) { fields.append(field) }
      if case .map = step { return fields }
    }
    return keepsRecords ? fields : nil
  }

  /// Replaces `buffer` by one with `headroom` bytes before the schema, and `lines` by the lines of the output.
  package func process(
    _ batch: BatchView, headroom: Int, into buffer: inout BatchBuffer, lines: inout LineTableBuilder
  ) throws(StageFailure) -> ChainOutput {
    let schema = keepsRecords ? Array(batch.schema) : []
    buffer = BatchBuffer(headroom: headroom + schema.count, capacity: batch.payload.count + 256)
    var run = Run(batch: batch, lineTable: LineTableReader(batch.lineTable))
    switch batch.format {
    case .csv: try runRows(&run, into: &buffer, &lines)
    case .json, .line: try runLines(&run, into: &buffer, &lines)
    }
    return ChainOutput(
      format: keepsRecords ? batch.format : .json, framing: keepsRecords ? batch.framing : .newline,
      schema: schema, recordCount: lines.count)
  }

  /// Where a run over a batch stands.
  private struct Run {
    let batch: BatchView
    var lineTable: LineTableReader
    var record = 0
    /// Lines between the batch's first line in its file and the record's.
    var line = 0

    /// Goes on to a record that starts at this line of the payload.
    mutating func begin(payloadLine: Int, record: Int) {
      self.record = record
      line = batch.lineTable.isEmpty ? payloadLine : lineTable.next() ?? payloadLine
    }
  }

  private func runLines(
    _ run: inout Run, into buffer: inout BatchBuffer, _ lines: inout LineTableBuilder
  ) throws(StageFailure) {
    let isJSON = run.batch.format == .json
    var reader = LineReader(run.batch.payload, skipsBlanks: isJSON)
    var index = 0
    while let range = reader.next() {
      let record = run.batch.payload.bytes(range)
      run.begin(payloadLine: reader.lineOffset, record: index)
      index += 1
      if isJSON, let native {
        let outcome = native.run(json: record)
        if take(outcome, native, raw: record, run, into: &buffer, &lines) { continue }
      }
      if steps == nil { try prepare() }
      if isJSON {
        let value: JQValue
        do { value = try parser.parse(record) } catch { throw failure("\(error)", run) }
        try pass(value, raw: record, run, into: &buffer, &lines)
      } else {
        try pass(.string(record), raw: record, run, into: &buffer, &lines)
      }
    }
  }

  private func runRows(
    _ run: inout Run, into buffer: inout BatchBuffer, _ lines: inout LineTableBuilder
  ) throws(StageFailure) {
    let rows = try rows(of: run.batch)
    rows.reader.start(run.batch.payload)
    while true {
      do {
        guard try rows.reader.next() else { return }
      } catch {
        throw names.failure(error, in: run.batch)
      }
      run.begin(payloadLine: rows.reader.lineOffset, record: rows.reader.recordIndex)
      let raw = rows.reader.rowBytes
      if let native, take(native.run(rows.reader), native, raw: raw, run, into: &buffer, &lines) { continue }
      if steps == nil { try prepare() }
      let value: JQValue
      do { value = try rows.value(fields: fields) } catch { throw names.failure(error, in: run.batch) }
      try pass(value, raw: raw, run, into: &buffer, &lines)
    }
  }

  private func rows(of batch: BatchView) throws(StageFailure) -> ChainRows {
    if let rows, rows.encodedSchema.elementsEqual(batch.schema) { return rows }
    do {
      let schema = try CSVSchema(decoding: batch.schema)
      let made = ChainRows(encodedSchema: Array(batch.schema), schema: schema)
      native?.prepare(for: schema)
      rows = made
      return made
    } catch {
      throw StageFailure("a batch's schema can't be read: \(error)")
    }
  }

  /// Appends what the native chain made of a record; false where it could not tell.
  private func take(
    _ outcome: NativeMachine.Outcome, _ native: NativeChain, raw: UnsafeRawBufferPointer, _ run: Run,
    into buffer: inout BatchBuffer, _ lines: inout LineTableBuilder
  ) -> Bool {
    switch outcome {
    case .bail: return false
    case .no: return true
    case .yes:
      if keepsRecords { buffer.append(raw) } else { native.appendResult(to: &buffer) }
      buffer.append(UInt8(ascii: "\n"))
      lines.append(line: run.line)
      return true
    }
  }

  /// Runs a record through the chain and appends what comes out.
  private func pass(
    _ value: consuming JQValue, raw: UnsafeRawBufferPointer, _ run: Run, into buffer: inout BatchBuffer,
    _ lines: inout LineTableBuilder
  ) throws(StageFailure) {
    let steps = steps!
    if keepsRecords {
      for step in steps.indices {
        guard case .filter(let program) = steps[step] else { continue }
        if try !keeps(value, program, step, run) { return }
      }
      buffer.append(raw)
      buffer.append(UInt8(ascii: "\n"))
      lines.append(line: run.line)
    } else {
      try pass(value, steps, from: 0, run, into: &buffer, &lines)
    }
  }

  private func keeps(
    _ value: borrowing JQValue, _ program: Program, _ step: Int, _ run: Run
  ) throws(StageFailure) -> Bool {
    do {
      return try program.compiled.isTrue(of: value.copy())
    } catch {
      throw failure("\(error)", run, step: step)
    }
  }

  private func pass(
    _ value: consuming JQValue, _ steps: [Step], from step: Int, _ run: Run, into buffer: inout BatchBuffer,
    _ lines: inout LineTableBuilder
  ) throws(StageFailure) {
    guard step < steps.count else {
      writer.append(value, to: &buffer)
      buffer.append(UInt8(ascii: "\n"))
      lines.append(line: run.line)
      return
    }
    switch steps[step] {
    case .filter(let program):
      if try keeps(value, program, step, run) {
        try pass(value, steps, from: step + 1, run, into: &buffer, &lines)
      }
    case .map(let program):
      program.compiled.start(value)
      while let result = try next(program, step, run) {
        try pass(result, steps, from: step + 1, run, into: &buffer, &lines)
      }
    case .lookup(let key, let lookup):
      let key = try self.key(key, of: value, step, run)
      let joined: JQValue?
      do { joined = try lookup.join(value, key: key) } catch { throw failure(error.text, run, step: step) }
      if let joined { try pass(joined, steps, from: step + 1, run, into: &buffer, &lines) }
    }
  }

  private func key(
    _ key: LookupKey, of value: borrowing JQValue, _ step: Int, _ run: Run
  ) throws(StageFailure) -> JQValue {
    switch key {
    case .field(_, let name): return value[name] ?? .null()
    case .program(let program):
      program.compiled.start(value.copy())
      guard let found = try next(program, step, run) else {
        throw failure("the key has no value; give one, or null", run, step: step)
      }
      return found
    }
  }

  private func next(_ program: Program, _ step: Int, _ run: Run) throws(StageFailure) -> JQValue? {
    do {
      return try program.compiled.next()
    } catch {
      throw failure("\(error)", run, step: step)
    }
  }

  private func failure(_ text: String, _ run: Run, step: Int? = nil) -> StageFailure {
    let batch = run.batch
    let file = names.name(stage: Int(batch.originStage), file: Int(batch.provenance.file))
    let place = "\(file):\(batch.provenance.line + UInt64(run.line))"
    guard let step else { return StageFailure("\(place): error: \(text)") }
    return StageFailure(
      "\(place): error: \(text) (stage \(stage), step \(step + 1), \(steps![step].name))")
  }
}
