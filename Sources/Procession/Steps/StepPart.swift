import PipelineFile
import Records
import Stages

/// Runs a ``Step`` or a closure as a part of a stage's chain.
final class StepPart: ChainPart {
  private let form: RecordForm
  private let run: (Batch, inout Output) throws -> Void
  private let use: UsePlan
  private let context: PartContext
  private let table: RecordTable
  private(set) var owners: [UInt32] = []

  init(
    _ use: UsePlan, _ context: PartContext, form: RecordForm,
    _ run: @escaping (Batch, inout Output) throws -> Void
  ) {
    self.use = use
    self.context = context
    self.form = form
    self.run = run
    table = RecordTable(form == .json ? .json : .asRead, names: context.names)
  }

  /// Starts the step.
  convenience init(_ use: UsePlan, _ context: PartContext, _ step: some Step) throws(StageFailure) {
    var step = step
    do { try step.start(WorkerInfo(context)) } catch {
      throw Trouble.failure(error, use, "can't start")
    }
    self.init(use, context, form: type(of: step).form) { try step.process($0, into: &$1) }
  }

  func process(
    _ batch: BatchView, headroom: Int, into buffer: inout BatchBuffer, lines: inout LineTableBuilder,
    errors: inout RecordErrors
  ) throws(StageFailure) -> ChainOutput {
    let dead = errors.deadCount
    try table.read(batch, errors: &errors)
    let records = Batch(table)
    let keepsForm = form == .asRead
    let schema = keepsForm ? Array(batch.schema) : []
    var output = Output(
      form: form, isCSV: batch.format == .csv, headroom: headroom + schema.count,
      capacity: batch.payload.count + 256)
    do {
      try run(records, &output)
    } catch {
      if Trouble.concernsWorker(error) { throw Trouble.failure(error, use, "can't go on") }
      // Somebody's fault: each record on its own tells whose.
      try processOneByOne(records, &output)
    }
    try refuse(output.refusals, of: batch, &errors)
    let made = finish(output, batch, &lines)
    let count = lines.count
    var filtered = batch.recordCount - (errors.deadCount - dead)
    var last: UInt32?
    for owner in owners where owner != last {
      filtered -= 1
      last = owner
    }
    buffer = made
    return ChainOutput(
      format: keepsForm ? batch.format : .json, framing: keepsForm ? batch.framing : .newline,
      schema: schema, recordCount: count, filtered: filtered)
  }

  private func processOneByOne(_ records: Batch, _ output: inout Output) throws(StageFailure) {
    output.removeAll()
    do { try output.append(each: records) { try run(records.only($0.position), &$1) } } catch {
      throw Trouble.failure(error, use, "can't go on")
    }
  }

  private func refuse(
    _ refusals: [Output.Refusal], of batch: BatchView, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    for refusal in refusals {
      try table.refuse(refusal.position, refusal.text, step: context.firstStep + 1, to: &errors) { line in
        context.failure(refusal.text, step: "use \(use.name)", line: line, in: batch)
      }
    }
  }

  private func finish(
    _ output: consuming Output, _ batch: BatchView, _ lines: inout LineTableBuilder
  ) -> BatchBuffer {
    lines.removeAll()
    owners.removeAll(keepingCapacity: true)
    let base = batch.provenance.line
    for position in output.owners {
      let entry = table.entries[position]
      lines.append(line: Int(entry.line - base))
      owners.append(UInt32(entry.index))
    }
    return output.takeBuffer()
  }
}

extension WorkerInfo {
  init(_ context: PartContext) {
    let parts = context.worker.split(separator: ".")
    self.init(
      name: context.worker, index: parts.last.flatMap { Int($0) } ?? 0, count: context.workers)
  }

  init(_ context: UserStageContext) {
    self.init(name: context.worker, index: context.slot, count: context.slots)
  }
}
