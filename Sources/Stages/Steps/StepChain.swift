import PipelineFile
import Records

/// The steps of a stage, run over a batch: one batch in, one batch out.
///
/// Filters, maps and lookups that stand side by side are one part, and so is each step of any other kind. A
/// record that only filters looked at keeps its bytes and its form. For one thread.
package final class StepChain {
  private let parts: [any ChainPart]
  /// The only part there is, where it can note and pass over single records by itself.
  private let expressions: ExpressionChain?
  private let context: PartContext
  /// What the steps of each part are called, for messages.
  private let names: [String]
  private let firstSteps: [Int]

  /// `tables`: preloaded ones by position of their step; the others are loaded here. `worker`: `clean.0`.
  package init(
    _ steps: [StepPlan], stage: String, plan: Plan, tables: [Int: LookupTable], worker: String = ""
  ) throws(StageFailure) {
    let runs = Self.runs(steps)
    let own = plan.stages.first { $0.name == stage }
    var context = PartContext(
      stage: stage, worker: worker, workers: own?.workers ?? 1, firstStep: 0, names: InputNames(plan),
      notesOwners: runs.count > 1)
    context.attempts = own?.errors.attempts ?? context.attempts
    var parts: [any ChainPart] = []
    for run in runs {
      context.firstStep = run.lowerBound
      switch steps[run.lowerBound] {
      case .filter, .map, .lookup:
        parts.append(
          try ExpressionChain(
            Array(steps[run]), from: run.lowerBound, stage: stage, plan: plan, tables: tables,
            notesOwners: context.notesOwners))
      case .use(let use): parts.append(try UserStages.makeStep(use, context))
      case .exec(let exec): parts.append(makeExecPart(exec, context))
      }
    }
    self.parts = parts
    self.context = context
    expressions = parts.count == 1 ? parts[0] as? ExpressionChain : nil
    names = runs.map { steps[$0.lowerBound].kind }
    firstSteps = runs.map(\.lowerBound)
  }

  /// Which steps are one part.
  private static func runs(_ steps: [StepPlan]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for (index, step) in steps.enumerated() {
      if let last = runs.last, step.isExpression, steps[last.lowerBound].isExpression {
        runs[runs.count - 1] = last.lowerBound..<index + 1
      } else {
        runs.append(index..<index + 1)
      }
    }
    return runs
  }

  /// Whether a record has needed libjq, or every one does.
  package var hasUsedLibjq: Bool { parts.contains { ($0 as? ExpressionChain)?.hasUsedLibjq == true } }

  /// Replaces `buffer` by one with `headroom` bytes before the schema, and `lines` by the lines of the output.
  ///
  /// A record that a step refuses goes to `errors` and leads to no output; those that `errors` has condemned
  /// are not touched, and become the letters that its `condemnedLetter` makes of them. `beforeRecord` is called
  /// with the index and the input line of each other record right before it is worked on. What this throws ends
  /// the run: the first refusal where the policy is `fail`, a program that does not compile, a batch that can't
  /// be read.
  package func process(
    _ batch: BatchView, headroom: Int, into buffer: inout BatchBuffer, lines: inout LineTableBuilder,
    errors: inout RecordErrors, beforeRecord: ((Int, UInt64) -> Void)? = nil
  ) throws(StageFailure) -> ChainOutput {
    if let expressions {
      return try expressions.process(
        batch, headroom: headroom, into: &buffer, lines: &lines, errors: &errors, beforeRecord: beforeRecord)
    }
    if let beforeRecord {
      return try processOneByOne(
        batch, headroom: headroom, into: &buffer, lines: &lines, errors: &errors, beforeRecord)
    }
    return try pass(batch, headroom: headroom, into: &buffer, lines: &lines, errors: &errors)
  }

  /// Runs each record through all parts before the next is begun, and passes over the condemned.
  private func processOneByOne(
    _ batch: BatchView, headroom: Int, into buffer: inout BatchBuffer, lines: inout LineTableBuilder,
    errors: inout RecordErrors, _ beforeRecord: (Int, UInt64) -> Void
  ) throws(StageFailure) -> ChainOutput {
    var made = ChainOutput?.none
    var all = BatchBuffer(headroom: 0, capacity: batch.payload.count)
    lines.removeAll()
    var some = LineTableBuilder()
    try SingleRecords.each(of: batch, errors: &errors, beforeRecord: beforeRecord) {
      (one, errors) throws(StageFailure) in
      let output = try pass(one, headroom: 0, into: &buffer, lines: &some, errors: &errors)
      buffer.withPayload { all.append($0) }
      let line = Int(one.provenance.line - batch.provenance.line)
      for _ in 0..<output.recordCount { lines.append(line: line) }
      var total = made ?? output
      if made != nil {
        total.recordCount += output.recordCount
        total.filtered += output.filtered
      }
      made = total
    }
    if made == nil {
      // No record was worked on: the form of the output is that of an empty batch's.
      var none = batch
      none.recordCount = 0
      none.payload = UnsafeRawBufferPointer(rebasing: batch.payload.prefix(0))
      none.lineTable = UnsafeRawBufferPointer(start: nil, count: 0)
      made = try pass(none, headroom: 0, into: &buffer, lines: &some, errors: &errors)
    }
    let output = made!
    buffer = BatchBuffer(headroom: headroom + output.schema.count, capacity: all.count)
    all.withPayload { buffer.append($0) }
    return output
  }

  private func pass(
    _ batch: BatchView, headroom: Int, into buffer: inout BatchBuffer, lines: inout LineTableBuilder,
    errors: inout RecordErrors
  ) throws(StageFailure) -> ChainOutput {
    if parts.count == 1 {
      return try parts[0].process(batch, headroom: headroom, into: &buffer, lines: &lines, errors: &errors)
    }
    return try passParts(batch, headroom: headroom, into: &buffer, lines: &lines, errors: &errors)
  }

  /// Runs a batch through several parts.
  private func passParts(
    _ batch: BatchView, headroom: Int, into buffer: inout BatchBuffer, lines: inout LineTableBuilder,
    errors: inout RecordErrors
  ) throws(StageFailure) -> ChainOutput {
    var run = PartsRun()
    let deadBefore = errors.deadCount
    var output = try pass(batch, part: 0, headroom, &buffer, &lines, &run)
    if !run.refused.isEmpty {
      try refuse(run, of: batch, &errors)
      if parts.last?.tracesRecords == true {
        try run.removeRefused(from: &buffer, output: &output, lines: &lines, headroom: headroom, batch)
      }
    }
    let dead = errors.deadCount - deadBefore
    if parts.last?.tracesRecords == false {
      // All that came to the last part and was not refused there led to what it made, if that is anything.
      let last = parts.count - 1
      let led = run.distinctOwners - run.refused.count { $0.part == last }
      output.filtered =
        output.recordCount > 0 ? max(0, batch.recordCount - led - dead) : batch.recordCount - dead
      return output
    }
    output.filtered = batch.recordCount - run.distinctOwners - dead
    return output
  }

  /// Whether external programs are among the steps: they may leave orphans, which this process has to bury.
  package var startsPrograms: Bool { parts.contains { $0 is LinePart || $0 is BatchPart } }

  /// No batch will come any more: ends what the parts have started. What this throws ends the run.
  package func finish() throws(StageFailure) {
    for part in parts { try part.finish() }
  }

  private func pass(
    _ batch: BatchView, part index: Int, _ headroom: Int, _ buffer: inout BatchBuffer,
    _ lines: inout LineTableBuilder, _ run: inout PartsRun
  ) throws(StageFailure) -> ChainOutput {
    let part = parts[index]
    let isLast = index == parts.count - 1
    var errors = RecordErrors(policy: .deadLetter, worker: context.worker)
    let output = try part.process(
      batch, headroom: isLast ? headroom : 0, into: &buffer, lines: &lines, errors: &errors)
    run.add(errors.takeLetters(), part: index)
    if part.tracesRecords { run.compose(part.owners) }
    if isLast { return output }
    // The next part replaces the buffer, so what it reads must be held here.
    var held = BatchBuffer(headroom: 0, capacity: 0)
    swap(&held, &buffer)
    var table = BatchBuffer(headroom: 0, capacity: lines.byteCount)
    lines.withBytes { table.append($0) }
    var result: ChainOutput?
    try output.schema.withUnsafeBufferPointer { (schema) throws(StageFailure) in
      try table.withPayload { (table) throws(StageFailure) in
        try held.withPayload { (payload) throws(StageFailure) in
          let view = BatchView(
            format: output.format, framing: output.framing, recordCount: output.recordCount,
            schema: UnsafeRawBufferPointer(schema),
            payload: payload, provenance: batch.provenance, originStage: batch.originStage, lineTable: table)
          result = try pass(view, part: index + 1, headroom, &buffer, &lines, &run)
        }
      }
    }
    return result!
  }

  /// Makes of what the parts refused what the stage does with refused records.
  private func refuse(
    _ run: PartsRun, of batch: BatchView, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    var refused = run.refused[...]
    try SingleRecords.each(of: batch) { (index, one) throws(StageFailure) in
      guard let first = refused.first, first.owner == index else { return }
      refused.removeFirst()
      let letter = first.letter
      guard case .error(let text) = letter.cause else { return }
      var place = context
      place.firstStep = firstSteps[first.part]
      try errors.refuse(
        record: index, line: letter.line, step: Int(letter.step), text: text,
        bytes: UnsafeRawBufferPointer(rebasing: one.payload.dropLast()),
        failure: place.failure(text, step: names[first.part], line: letter.line, in: batch))
    }
  }
}
