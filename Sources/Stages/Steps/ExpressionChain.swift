import Expressions
import PipelineFile
import Records

extension BatchBuffer: ByteSink {}

/// Filters, maps and lookups, run record by record over a batch.
///
/// A record that only filters looked at keeps its bytes and its form. A CSV row becomes an object of the
/// columns that the programs can tell apart from missing ones. For one thread.
final class ExpressionChain: ChainPart {
  private let stage: String
  private let names: InputNames
  private let plans: [StepPlan]
  /// How many steps of the stage stand before these.
  private let firstStep: Int
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
  private let notesOwners: Bool
  private(set) var owners: [UInt32] = []

  /// Whether a record has needed libjq, or every one does.
  var hasUsedLibjq: Bool { steps != nil }

  /// `tables`: preloaded ones by position of their step in the stage; the others are loaded here.
  init(
    _ steps: [StepPlan], from firstStep: Int, stage: String, plan: Plan, tables: [Int: LookupTable],
    notesOwners: Bool
  ) throws(StageFailure) {
    self.stage = stage
    self.firstStep = firstStep
    self.notesOwners = notesOwners
    names = InputNames(plan)
    lookups = try Self.lookups(steps, from: firstStep, tables: tables)
    keepsRecords = steps.allSatisfy { if case .filter = $0 { true } else { false } }
    plans = steps
    variables = plan.vars
    native = NativeChain(steps, variables: plan.vars, lookups: lookups)
    if native == nil { try prepare() }
  }

  private static func lookups(
    _ steps: [StepPlan], from firstStep: Int, tables: [Int: LookupTable]
  ) throws(StageFailure) -> [Int: LookupStep] {
    var lookups: [Int: LookupStep] = [:]
    for (index, step) in steps.enumerated() {
      guard case .lookup(let lookup) = step else { continue }
      let table: LookupTable
      if let preloaded = tables[firstStep + index] {
        table = preloaded
      } else {
        table = try LookupTable.load(lookup)
      }
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
      case .use, .exec: preconditionFailure("a step of another kind of part")
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

  func process(
    _ batch: BatchView, headroom: Int, into buffer: inout BatchBuffer, lines: inout LineTableBuilder,
    errors: inout RecordErrors
  ) throws(StageFailure) -> ChainOutput {
    try process(
      batch, headroom: headroom, into: &buffer, lines: &lines, errors: &errors, beforeRecord: nil)
  }

  /// The same, with a call of `beforeRecord` as ``StepChain/process(_:headroom:into:lines:errors:beforeRecord:)``
  /// makes it; passes over the condemned.
  func process(
    _ batch: BatchView, headroom: Int, into buffer: inout BatchBuffer, lines: inout LineTableBuilder,
    errors: inout RecordErrors, beforeRecord: ((Int, UInt64) -> Void)?
  ) throws(StageFailure) -> ChainOutput {
    let schema = keepsRecords ? Array(batch.schema) : []
    buffer = BatchBuffer(headroom: headroom + schema.count, capacity: batch.payload.count + 256)
    lines.removeAll()
    owners.removeAll(keepingCapacity: true)
    let dropped = errors.dropped
    var run = ChainRun(batch)
    switch batch.format {
    case .csv: try runRows(&run, into: &buffer, &lines, &errors, beforeRecord)
    case .json, .line: try runLines(&run, into: &buffer, &lines, &errors, beforeRecord)
    }
    return ChainOutput(
      format: keepsRecords ? batch.format : .json, framing: keepsRecords ? batch.framing : .newline,
      schema: schema, recordCount: lines.count, filtered: run.filtered + errors.dropped - dropped)
  }

  private func runLines(
    _ run: inout ChainRun, into buffer: inout BatchBuffer, _ lines: inout LineTableBuilder,
    _ errors: inout RecordErrors, _ beforeRecord: ((Int, UInt64) -> Void)?
  ) throws(StageFailure) {
    let isJSON = run.batch.format == .json
    var condemned = errors.condemnedOnes
    var reader = LineReader(run.batch.payload, skipsBlanks: isJSON)
    var index = 0
    while let range = reader.next() {
      let raw = run.batch.payload.bytes(range)
      run.begin(payloadLine: reader.lineOffset, record: index)
      index += 1
      if condemned.contains(run.record) {
        errors.passOver(record: run.record, line: run.inputLine, bytes: raw)
        continue
      }
      beforeRecord?(run.record, run.inputLine)
      if isJSON, let native, take(native.run(json: raw), native, raw: raw, &run, into: &buffer, &lines) {
        continue
      }
      if steps == nil { try prepare() }
      let mark = ChainMark(buffer, lines)
      do throws(StepFault) {
        try pass(line: raw, isJSON: isJSON, run, into: &buffer, &lines)
        if lines.count == mark.lines.count { run.filtered += 1 }
      } catch {
        try refuse(error, raw: raw, run, backTo: mark, &buffer, &lines, &errors)
      }
    }
  }

  private func runRows(
    _ run: inout ChainRun, into buffer: inout BatchBuffer, _ lines: inout LineTableBuilder,
    _ errors: inout RecordErrors, _ beforeRecord: ((Int, UInt64) -> Void)?
  ) throws(StageFailure) {
    let rows = try rows(of: run.batch)
    var condemned = errors.condemnedOnes
    rows.reader.start(run.batch.payload)
    while true {
      var fault: RecordError?
      do {
        guard try rows.reader.next() else { return }
      } catch {
        fault = error
      }
      run.begin(payloadLine: rows.reader.lineOffset, record: rows.reader.recordIndex)
      let raw = rows.reader.rowBytes
      if condemned.contains(run.record) {
        errors.passOver(record: run.record, line: run.inputLine, bytes: raw)
        continue
      }
      beforeRecord?(run.record, run.inputLine)
      if let fault {
        try errors.refuse(
          record: run.record, line: run.inputLine, text: "\(fault)", bytes: raw,
          failure: names.failure(fault, in: run.batch))
        continue
      }
      if let native, take(native.run(rows.reader), native, raw: raw, &run, into: &buffer, &lines) { continue }
      if steps == nil { try prepare() }
      let mark = ChainMark(buffer, lines)
      do throws(StepFault) {
        try pass(rows, raw: raw, run, into: &buffer, &lines)
        if lines.count == mark.lines.count { run.filtered += 1 }
      } catch {
        try refuse(error, raw: raw, run, backTo: mark, &buffer, &lines, &errors)
      }
    }
  }

  /// Hands a record to `errors` and takes back what came of it before its fault.
  private func refuse(
    _ fault: StepFault, raw: UnsafeRawBufferPointer, _ run: ChainRun, backTo mark: ChainMark,
    _ buffer: inout BatchBuffer, _ lines: inout LineTableBuilder, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    buffer.truncate(to: mark.byteCount)
    lines.truncate(to: mark.lines)
    if notesOwners { owners.removeLast(owners.count - mark.lines.count) }
    if fault.endsRun { throw failure(fault, run) }
    try errors.refuse(
      record: run.record, line: run.inputLine, step: fault.step.map { firstStep + $0 + 1 } ?? 0,
      text: fault.text,
      bytes: raw, failure: failure(fault, run))
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
    _ outcome: NativeMachine.Outcome, _ native: NativeChain, raw: UnsafeRawBufferPointer,
    _ run: inout ChainRun, into buffer: inout BatchBuffer, _ lines: inout LineTableBuilder
  ) -> Bool {
    switch outcome {
    case .bail: return false
    case .no:
      run.filtered += 1
      return true
    case .yes:
      if keepsRecords { buffer.append(raw) } else { native.appendResult(to: &buffer) }
      buffer.append(UInt8(ascii: "\n"))
      append(run, to: &lines)
      return true
    }
  }

  private func pass(
    line raw: UnsafeRawBufferPointer, isJSON: Bool, _ run: ChainRun, into buffer: inout BatchBuffer,
    _ lines: inout LineTableBuilder
  ) throws(StepFault) {
    guard isJSON else { return try pass(.string(raw), raw: raw, run, into: &buffer, &lines) }
    let value: JQValue
    do { value = try parser.parse(raw) } catch { throw StepFault("\(error)") }
    try pass(value, raw: raw, run, into: &buffer, &lines)
  }

  private func pass(
    _ rows: ChainRows, raw: UnsafeRawBufferPointer, _ run: ChainRun, into buffer: inout BatchBuffer,
    _ lines: inout LineTableBuilder
  ) throws(StepFault) {
    let value: JQValue
    do { value = try rows.value(fields: fields) } catch { throw StepFault("\(error)") }
    try pass(value, raw: raw, run, into: &buffer, &lines)
  }

  /// Runs a record through the chain and appends what comes out.
  private func pass(
    _ value: consuming JQValue, raw: UnsafeRawBufferPointer, _ run: ChainRun,
    into buffer: inout BatchBuffer, _ lines: inout LineTableBuilder
  ) throws(StepFault) {
    let steps = steps!
    if keepsRecords {
      for step in steps.indices {
        guard case .filter(let program) = steps[step] else { continue }
        if try !keeps(value, program, step) { return }
      }
      buffer.append(raw)
      buffer.append(UInt8(ascii: "\n"))
      append(run, to: &lines)
    } else {
      try pass(value, steps, from: 0, run, into: &buffer, &lines)
    }
  }

  private func keeps(
    _ value: borrowing JQValue, _ program: Program, _ step: Int
  ) throws(StepFault) -> Bool {
    do {
      return try program.compiled.isTrue(of: value.copy())
    } catch {
      throw StepFault("\(error)", step: step)
    }
  }

  private func pass(
    _ value: consuming JQValue, _ steps: [Step], from step: Int, _ run: ChainRun,
    into buffer: inout BatchBuffer, _ lines: inout LineTableBuilder
  ) throws(StepFault) {
    guard step < steps.count else {
      writer.append(value, to: &buffer)
      buffer.append(UInt8(ascii: "\n"))
      append(run, to: &lines)
      return
    }
    switch steps[step] {
    case .filter(let program):
      if try keeps(value, program, step) {
        try pass(value, steps, from: step + 1, run, into: &buffer, &lines)
      }
    case .map(let program):
      program.compiled.start(value)
      while let result = try next(program, step) {
        try pass(result, steps, from: step + 1, run, into: &buffer, &lines)
      }
    case .lookup(let key, let lookup):
      let key = try self.key(key, of: value, step)
      let joined: JQValue?
      do { joined = try lookup.join(value, key: key) } catch {
        throw StepFault(error.text, step: step, endsRun: error.endsRun)
      }
      if let joined { try pass(joined, steps, from: step + 1, run, into: &buffer, &lines) }
    }
  }

  private func key(_ key: LookupKey, of value: borrowing JQValue, _ step: Int) throws(StepFault) -> JQValue {
    switch key {
    case .field(_, let name): return value[name] ?? .null()
    case .program(let program):
      program.compiled.start(value.copy())
      guard let found = try next(program, step) else {
        throw StepFault("the key has no value; give one, or null", step: step)
      }
      return found
    }
  }

  private func next(_ program: Program, _ step: Int) throws(StepFault) -> JQValue? {
    do {
      return try program.compiled.next()
    } catch {
      throw StepFault("\(error)", step: step)
    }
  }

  private func failure(_ fault: StepFault, _ run: ChainRun) -> StageFailure {
    let batch = run.batch
    let file = names.name(stage: Int(batch.originStage), file: Int(batch.provenance.file))
    let place = "\(file):\(run.inputLine)"
    guard let step = fault.step else { return StageFailure("\(place): error: \(fault.text)") }
    return StageFailure(
      "\(place): error: \(fault.text) (stage \(stage), step \(firstStep + step + 1), \(steps![step].name))")
  }

  @inline(__always)
  private func append(_ run: ChainRun, to lines: inout LineTableBuilder) {
    lines.append(line: run.line)
    if notesOwners { owners.append(UInt32(run.record)) }
  }
}
